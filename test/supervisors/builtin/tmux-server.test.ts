// How a tmux server ends, and which one does not: on real tmux, and by a written process table.
import { expect, test } from "bun:test";
import { exec } from "../../../src/adapters/exec.ts";
import type { Context } from "../../../src/context.ts";
import { endFleet } from "../../../src/supervisors/builtin/ending.ts";
import { killOwnServer } from "../../../src/supervisors/builtin/kill-server.ts";
import type { Agents } from "../../../src/supervisors/builtin/managed.ts";
import { watchProcess } from "../../../src/supervisors/builtin/watch-process.ts";
import { eventually } from "../../support/eventually.ts";
import { fakeContext } from "../../support/fake-context.ts";
import { privateEnvironment } from "../../support/private-environment.ts";
import { runCommand } from "../../support/run-command.ts";
import { tempHome } from "../../support/temp-home.ts";

test("our server is ended, whatever its home is called; one of another home is not", async () => {
  using home = tempHome();
  using fake = fakeContext();
  const env = privateEnvironment(home.path);
  const withHome = (config: string): Context => ({
    ...fake,
    paths: { ...fake.paths, config },
    exec: (argv, options) => exec(argv, { ...options, env }),
  });
  const tmux = (...args: string[]) => runCommand(["tmux", "-L", "t", ...args], { env });
  const odd = "/srv/a,b}c#{d}#e/mosaic";
  await tmux("-f", "/dev/null", "new-session", "-d", "-s", "theirs", "cat");
  await tmux("set-option", "-g", "@mosaic_home", odd);
  for (const other of ["/srv/mosaic", "/srv/a", "", `${odd}/x`]) {
    await killOwnServer(withHome(other), "t");
    expect((await tmux("-N", "has-session", "-t", "=theirs")).exitCode).toBe(0);
  }
  await killOwnServer(withHome(odd), "t");
  await eventually(async () => (await tmux("-N", "ls")).exitCode !== 0);
});

test("a server without our mark is not ended", async () => {
  using home = tempHome();
  using fake = fakeContext();
  const env = privateEnvironment(home.path);
  const tmux = (...args: string[]) => runCommand(["tmux", "-L", "t", ...args], { env });
  await tmux("-f", "/dev/null", "new-session", "-d", "-s", "theirs", "cat");
  const ctx = {
    ...fake,
    paths: fake.paths,
    exec: (argv: readonly string[]) => exec(argv, { env }),
  };
  await killOwnServer(ctx, "t");
  expect((await tmux("-N", "has-session", "-t", "=theirs")).exitCode).toBe(0);
  await tmux("kill-server");
});

test("a server that hangs is killed, but not the process that has its pid now", async () => {
  using ctx = fakeContext({ clock: "manual", processes: [{ pid: 77, startTicks: 1 }] });
  const server = watchProcess(ctx, 77);
  await server.kill();
  expect(ctx.signalled).toEqual([{ pid: 77, signal: "SIGKILL" }]);
  ctx.processTable.splice(0, 1, { pid: 77, startTicks: 2 });
  await server.kill();
  expect(ctx.signalled).toHaveLength(1);
  server.look();
  await server.gone;
});

test("a server of somebody else that took our socket is not ended with the fleet", async () => {
  using ctx = fakeContext();
  const line = ["/somebody/else", "_holder", "", "", "%0", "1", "0", "0", "1", ""].join("\t");
  ctx.expectExec((argv) => argv.includes("list-panes"), { stdout: `${line}\n` });
  const done: string[] = [];
  const server = {
    isNew: true,
    ready: async () => {},
    look: () => {},
    broken: new Promise<never>(() => {}),
    end: async () => void done.push("end"),
    leave: () => void done.push("leave"),
  };
  const agents: Agents = {
    start: () => Promise.reject(new Error("not asked for")),
    stop: () => Promise.reject(new Error("not asked for")),
    restart: () => Promise.reject(new Error("not asked for")),
    states: () => [],
    changed: () => new Promise(() => {}),
    detach: async () => [],
  };
  expect(await endFleet(ctx, { roster: { socket: "t" }, agents, server, ending: "stop" })).toBe(0);
  expect(done).toEqual(["leave"]);
  expect(ctx.stderr).toContain("kept the tmux server");
  ctx.done();
});
