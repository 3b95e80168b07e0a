import { expect, test } from "bun:test";
import { chmodSync } from "node:fs";
import { parseStat, processes } from "../../src/adapters/processes.ts";
import { spawn } from "../../src/adapters/spawn.ts";
import type { ProcessInfo } from "../../src/context.ts";
import { eventually } from "../support/eventually.ts";
import { tempHome } from "../support/temp-home.ts";

const env = { PATH: "/usr/bin:/bin" };
const tail = "1 0 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 9876 1000 10 18446744073709551615";

test.each([
  ["12 (sh) S 7 12 11 0 -1", { pid: 12, comm: "sh", state: "S", parentPid: 7, sessionId: 11 }],
  ["12 (a b) R) Z 7 12 11 0", { pid: 12, comm: "a b) R", state: "Z", parentPid: 7, sessionId: 11 }],
  ["12 (tmux: server) D 1 12 12 0", { pid: 12, comm: "tmux: server", state: "D", parentPid: 1 }],
])("%s is read by its last parenthesis", (text, info) => {
  expect(parseStat(text)).toMatchObject(info);
});

test("the group is the fifth field", () => {
  expect(parseStat("12 (sh) S 7 13 11 0 -1")).toMatchObject({ groupId: 13 });
});

test("the start time is the 22nd field", () => {
  expect(parseStat(`12 (sh) S 7 ${tail}`)).toMatchObject({ startTicks: 9876 });
});

test.each(["", "12 sh S 7", "no such process"])("%j is no process", (text) => {
  expect(parseStat(text)).toBeUndefined();
});

test("a child is found, alone and in the list, with its argv", async () => {
  const child = spawn(["sleep", "60"], { env });
  // Within an exec the kernel shows the new name before the new argv.
  const argv = await eventually(() => processes.argv(child.pid), {
    until: (words) => words[0] === "sleep",
  });
  expect(argv).toEqual(["sleep", "60"]);
  const info = await processes.one(child.pid);
  expect(info).toMatchObject({ pid: child.pid, parentPid: process.pid, comm: "sleep" });
  const listed = (await processes.list()).find(({ pid }) => pid === child.pid);
  expect(listed?.startTicks).toBe(info?.startTicks);
  child.kill("SIGKILL");
  await child.exited;
});

test("empty arguments and newlines in argv are kept", async () => {
  const argv = ["-c", "sleep 60; :", "", "a\nb", ""];
  const child = spawn(["sh", ...argv], { env });
  const seen = await eventually(() => processes.argv(child.pid), {
    until: (words) => words[0] === "sh",
  });
  expect(seen).toEqual(["sh", ...argv]);
  const isChild = ({ parentPid }: { parentPid: number }) => parentPid === child.pid;
  const sleep = await eventually(async () => (await processes.list()).find(isChild));
  child.kill("SIGKILL");
  processes.signal(sleep?.pid ?? 0, "SIGKILL");
  await child.exited;
});

test("a process that is gone has no entry and no argv, and cannot be signalled", async () => {
  const child = spawn(["true"], { env });
  await child.exited;
  expect(await processes.one(child.pid)).toBeUndefined();
  expect(await processes.argv(child.pid)).toEqual([]);
  expect(processes.signal(child.pid, "SIGTERM")).toBe(false);
});

test("a variable of the environment that a process was started with", async () => {
  const child = spawn(["sleep", "60"], { env: { ...env, MARK: "a=b\nc", MARKED: "no" } });
  const value = await eventually(() => processes.variable(child.pid, "MARK"));
  expect(value).toBe("a=b\nc");
  expect(await processes.variable(child.pid, "MAR")).toBeUndefined();
  child.kill("SIGKILL");
  await child.exited;
  expect(await processes.variable(child.pid, "MARK")).toBeUndefined();
});

test("a process holds the file that it has open, and no other of the same name", async () => {
  using home = tempHome();
  const [lock, other] = [home.write("a/lock", ""), home.write("b/lock", "")];
  const child = spawn(["sh", "-c", 'exec 9>"$0"; sleep 60 9>&-', lock], { env });
  await eventually(() => processes.holdsFile(child.pid, lock));
  expect(await processes.holdsFile(child.pid, other)).toBe(false);
  expect(await processes.holdsFile(child.pid, home.at("c/lock"))).toBe(false);
  // Replaced: the path names another file now.
  home.remove();
  home.write("a/lock", "");
  expect(await processes.holdsFile(child.pid, lock)).toBe(false);
  await endSession(child.pid);
  await child.exited;
});

test("a process of another user holds nothing for us", async () => {
  // Only root can start one, and only root could look into it.
  if (process.getuid?.() !== 0) return;
  using home = tempHome();
  chmodSync(home.path, 0o755);
  const lock = home.write("lock", "", 0o666);
  const argv = ["sh", "-c", 'exec 9<"$0"; echo open; sleep 60 9>&-', lock];
  const opened = Promise.withResolvers<void>();
  const child = spawn(["setpriv", "--reuid=65534", "--clear-groups", ...argv], {
    env,
    onLine: () => opened.resolve(),
  });
  await opened.promise;
  expect(await processes.holdsFile(child.pid, lock)).toBe(false);
  await endSession(child.pid);
  await child.exited;
});

/** SIGKILL to a child of `spawn` and to its own children. */
async function endSession(pid: number): Promise<void> {
  const all = (await processes.list()).filter(({ sessionId }) => sessionId === pid);
  for (const one of all) processes.signal(one.pid, "SIGKILL");
}

test("a signal is sent", async () => {
  const child = spawn(["sleep", "60"], { env });
  expect(processes.signal(child.pid, "SIGTERM")).toBe(true);
  expect(await child.exited).toEqual({ exitCode: null, signal: "SIGTERM" });
});

test.each([0, 1, -1, 1.5, Number.NaN])("signalling %d is a bug of ours", (pid) => {
  expect(() => processes.signal(pid, "SIGTERM")).toThrow(`no process to signal: ${pid}`);
});

/** The living of a process group. */
async function group(id: number): Promise<ProcessInfo[]> {
  return (await processes.list()).filter((one) => one.groupId === id && one.state !== "Z");
}

test("a signal to a group reaches all of it, and nobody else", async () => {
  const argv = ["sh", "-c", "sleep 60 & sleep 60 & wait"];
  const [child, other] = [spawn(argv, { env }), spawn(argv, { env })];
  for (const { pid } of [child, other]) {
    await eventually(async () => (await group(pid)).length === 3);
  }
  expect(processes.signalGroup(child.pid, "SIGTERM")).toBe(true);
  expect(await child.exited).toEqual({ exitCode: null, signal: "SIGTERM" });
  await eventually(async () => (await group(child.pid)).length === 0);
  expect(await group(other.pid)).toHaveLength(3);
  expect(processes.signalGroup(other.pid, "SIGKILL")).toBe(true);
  await other.exited;
});

test("a group that is gone cannot be signalled", async () => {
  const child = spawn(["true"], { env });
  await child.exited;
  await eventually(() => !processes.signalGroup(child.pid, "SIGTERM"));
});

test.each([0, 1, -1, 1.5, Number.NaN])("signalling group %d is a bug of ours", (groupId) => {
  expect(() => processes.signalGroup(groupId, "SIGTERM")).toThrow(`no group: ${groupId}`);
});

test("we are who the process table says we are", async () => {
  const self = await processes.self();
  expect(self).toEqual({
    pid: process.pid,
    startTicks: (await processes.one(process.pid))?.startTicks ?? 0,
    bootId: expect.stringMatching(/^[0-9a-f-]{36}$/),
    pidNamespace: expect.stringMatching(/^pid:\[\d+\]$/),
  });
  expect(await processes.self()).toEqual(self);
});
