import { expect, test } from "bun:test";
import { realpathSync } from "node:fs";
import { hostname } from "node:os";
import { spawn } from "../../src/adapters/spawn.ts";
import { createContext } from "../../src/adapters/system.ts";
import { version } from "../../src/version.ts";
import { eventually } from "../support/eventually.ts";
import { outputOf } from "../support/run-command.ts";

const source = `${import.meta.dir}/../../src`;

test("the context tells who and where we are", () => {
  const { host, paths } = createContext();
  expect(host).toEqual({
    name: hostname(),
    uid: process.getuid?.() ?? -1,
    pid: process.pid,
    version,
    commit: "dev",
  });
  expect(paths.self).toEqual([process.execPath, realpathSync(`${source}/main.ts`)]);
});

test("without HOME only the use of the paths fails", async () => {
  const script = `
    const { createContext } = await import("${source}/adapters/system.ts");
    const ctx = createContext();
    try { ctx.io.out(ctx.paths.config); } catch (error) { ctx.io.out(error.message); }`;
  // "/" as the folder: without HOME bun itself puts a cache into the folder it is in.
  const env = { PATH: "/usr/bin:/bin", BUN_RUNTIME_TRANSPILER_CACHE_PATH: "0" };
  expect(await outputOf([process.execPath, "-e", script], { env, cwd: "/" })).toBe(
    "HOME is not set, so there is no place for the configuration",
  );
});

test.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)("%s is waited for", async (signal) => {
  const waiting = await untilSignalIn(`print(await untilSignal());`);
  waiting.kill(signal);
  expect(await waiting.end()).toEqual({ said: ["ready", signal], exitCode: 0 });
});

test("each call waits for the next signal, all of them at once for the same one", async () => {
  const waiting = await untilSignalIn(`
    const both = await Promise.all([untilSignal(), untilSignal()]);
    print(both.join("+"));
    print(await untilSignal());`);
  waiting.kill("SIGINT");
  await eventually(() => waiting.said.includes("SIGINT+SIGINT"));
  waiting.kill("SIGTERM");
  expect(await waiting.end()).toEqual({ said: ["ready", "SIGINT+SIGINT", "SIGTERM"], exitCode: 0 });
});

test("a signal that comes while nobody waits is kept", async () => {
  const waiting = await untilSignalIn(`
    await untilSignal();
    process.kill(process.pid, "SIGTERM");
    await new Promise((done) => setTimeout(done, 20));
    print(await untilSignal());`);
  waiting.kill("SIGINT");
  expect(await waiting.end()).toEqual({ said: ["ready", "SIGTERM"], exitCode: 0 });
});

async function untilSignalIn(script: string) {
  const said: string[] = [];
  const whole = `
    const { untilSignal } = await import("${source}/adapters/signals.ts");
    const print = (text) => process.stdout.write(text + "\\n");
    setTimeout(() => print("ready"), 0);
    ${script}`;
  const child = spawn([process.execPath, "-e", whole], {
    env: { PATH: "/usr/bin:/bin", HOME: process.env["HOME"] ?? "/" },
    onLine: (line) => said.push(line),
  });
  await eventually(() => said.includes("ready"));
  return {
    said,
    kill: (signal: NodeJS.Signals) => child.kill(signal),
    end: async () => ({ said, exitCode: (await child.exited).exitCode }),
  };
}
