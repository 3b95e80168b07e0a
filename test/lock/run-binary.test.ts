// `mosaic lock run` as scripts call it: the compiled program, with real commands and signals.
import { beforeAll, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { eventually } from "../support/eventually.ts";
import { lockSite, type LockSite, readRecord } from "../support/lock-site.ts";
import { mosaicBinary } from "../support/mosaic-binary.ts";
import { isRunning, signal as signalProcess } from "../support/processes.ts";
import { type CommandResult, runCommand } from "../support/run-command.ts";

const timeoutMs = 20_000;

let mosaic = "";

beforeAll(async () => {
  mosaic = await mosaicBinary();
}, 120_000);

function envOf(site: LockSite, extra: Record<string, string> = {}): Record<string, string> {
  const run = process.env.MOSAIC_TEST_RUN;
  return {
    PATH: "/usr/bin:/bin",
    HOME: site.path,
    MOSAIC_STATE: site.at("state"),
    ...(run === undefined ? {} : { MOSAIC_TEST_RUN: run }),
    ...extra,
  };
}

function lockRun(site: LockSite, ...words: string[]): Promise<CommandResult> {
  return runCommand([mosaic, "lock", "run", ...words], { env: envOf(site), cwd: site.path });
}

interface Running extends AsyncDisposable {
  readonly pid: number;
  readonly stderr: () => string;
  readonly exited: Promise<number>;
}

/** The same, and the test goes on meanwhile; the command is killed with it at the end. */
function startRun(site: LockSite, ...words: string[]): Running {
  let stderr = "";
  const child = Bun.spawn([mosaic, "lock", "run", ...words], {
    env: envOf(site),
    cwd: site.path,
    stdio: ["ignore", "ignore", "pipe"],
  });
  const read = (async () => {
    const decoder = new TextDecoder();
    for await (const chunk of child.stderr) stderr += decoder.decode(chunk, { stream: true });
  })();
  return {
    pid: child.pid,
    stderr: () => stderr,
    exited: child.exited,
    async [Symbol.asyncDispose]() {
      const isLeft = existsSync(site.files.lock("demo"));
      const commands = isLeft ? readRecord(site, "demo").children : [];
      child.kill("SIGKILL");
      for (const { pid } of commands) signalProcess(-pid, "SIGKILL");
      await Promise.all([child.exited, read]);
    },
  };
}

/** Until the command has made this file. */
function made(site: LockSite, file: string): Promise<boolean> {
  return eventually(() => existsSync(site.at(file)), { what: file });
}

test.concurrent.each([
  ["the command's", ["sh", "-c", "exit 7"], 7],
  ["128 + n for a signal", ["sh", "-c", "kill -KILL $$"], 137],
  ["127 for a missing program", ["no-such-program"], 127],
])("the exit status is %s, and the lock is free again", async (_what, argv, status) => {
  using site = lockSite();
  expect(await lockRun(site, "demo", "--", ...argv)).toMatchObject({ exitCode: status });
  expect(site.left()).toEqual([]);
});

test("the command has the lock's token, and the same lock under it is had at once; another one is not given", async () => {
  using site = lockSite();
  const inner = `"${mosaic}" lock run demo --timeout 0 -- sh -c 'echo $MOSAIC_LOCK_TOKEN'`;
  const script = `echo $MOSAIC_LOCK_TOKEN; ${inner}; env -u MOSAIC_LOCK_TOKEN ${inner}; echo $?`;
  const { stdout, stderr, exitCode } = await lockRun(site, "demo", "--", "sh", "-c", script);
  const [outer = "", nested, status] = stdout.trimEnd().split("\n");
  expect(outer).toMatch(/^[0-9a-f]{32}$/);
  expect([nested, status, exitCode]).toEqual([outer, "75", 0]);
  expect(stderr).toContain("mosaic: the lock demo is busy");
  expect(site.left()).toEqual([]);
});

test("--json is one document on standard output, with what the command prints on standard error", async () => {
  using site = lockSite();
  const argv = ["sh", "-c", "echo out; echo err >&2; exit 3"];
  const { stdout, stderr, exitCode } = await lockRun(site, "demo", "--json", "--", ...argv);
  expect(JSON.parse(stdout)).toMatchObject({ schemaVersion: 1, name: "demo", exitCode: 3 });
  expect([stderr, exitCode]).toEqual(["out\nerr\n", 3]);
});

test("the command's standard input is ours", async () => {
  using site = lockSite();
  const options = { env: envOf(site), stdin: "hello" };
  const argv = [mosaic, "lock", "run", "demo", "--", "cat"];
  expect(await runCommand(argv, options)).toMatchObject({ stdout: "hello", exitCode: 0 });
});

test.concurrent.each(["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2"] as const)(
  "%s is passed on to the command and its group, and its exit status is told",
  async (signal) => {
    using site = lockSite();
    const name = signal.slice("SIG".length);
    const child = `trap 'echo >child-heard; exit' ${name}; echo >child; while :; do sleep 0.05; done`;
    // In front: a shell lets what it puts into the background ignore SIGINT and SIGQUIT.
    const script = `trap 'echo >heard; exit 9' ${name}; echo >leader; sh -c "$1"; exit 1`;
    await using run = startRun(site, "demo", "--", "sh", "-c", script, "sh", child);
    await made(site, "leader");
    await made(site, "child");
    process.kill(run.pid, signal);
    expect(await run.exited).toBe(9);
    expect([existsSync(site.at("heard")), existsSync(site.at("child-heard"))]).toEqual([
      true,
      true,
    ]);
    expect(site.left()).toEqual([]);
  },
  timeoutMs,
);

test("an interrupt while it waits is 130, and no command runs; the holder keeps the lock", async () => {
  using site = lockSite();
  await using holder = startRun(site, "demo", "--", "sh", "-c", "echo >held; exec sleep 60");
  await made(site, "held");
  await using waiter = startRun(site, "demo", "--", "touch", "ran");
  await eventually(() => waiter.stderr().includes("waiting for the lock demo"));
  process.kill(waiter.pid, "SIGINT");
  expect(await waiter.exited).toBe(130);
  expect(existsSync(site.at("ran"))).toBe(false);
  expect(readRecord(site, "demo").owner.pid).toBe(holder.pid);
  process.kill(holder.pid, "SIGTERM");
  expect(await holder.exited).toBe(143);
});

test("when a run is killed its command keeps the lock; --max-wait ends it, says so, and has the lock", async () => {
  using site = lockSite();
  await using killed = startRun(site, "demo", "--", "sh", "-c", "echo $$ >pid; exec sleep 60");
  await made(site, "pid");
  const command = readRecord(site, "demo").children[0]?.pid ?? 0;
  process.kill(killed.pid, "SIGKILL");
  await killed.exited;
  expect(await lockRun(site, "demo", "--timeout", "0", "--", "true")).toMatchObject({
    exitCode: 75,
    stderr: expect.stringContaining(`the command of pid ${killed.pid} (lock run: sh) lives on`),
  });
  expect(isRunning(command)).toBe(true);
  expect(await lockRun(site, "demo", "--max-wait", "100ms", "--", "true")).toMatchObject({
    exitCode: 0,
    stderr: expect.stringContaining(`took the lock demo over from pid ${killed.pid}`),
  });
  expect(isRunning(command)).toBe(false);
  expect(site.left()).toEqual([]);
});

test("a run whose lock is taken over says so, with the status of its ended command", async () => {
  using site = lockSite();
  await using loser = startRun(site, "demo", "--", "sh", "-c", "echo >running; exec sleep 60");
  await made(site, "running");
  expect(await lockRun(site, "demo", "--max-wait", "100ms", "--", "true")).toMatchObject({
    exitCode: 0,
  });
  expect(await loser.exited).toBe(143);
  await eventually(() => loser.stderr().includes("the lock demo was lost"));
  expect(site.left()).toEqual([]);
});
