import { expect, test } from "bun:test";
import { utimesSync } from "node:fs";
import { type LockProcess, type LockRecord, lockText } from "../../src/domain/lock-record.ts";
import { lockFiles } from "../../src/domain/names.ts";
import { main } from "../../src/main.ts";
import { fakeNow } from "../support/fake-clock.ts";
import { fakeContext, type FakeContext } from "../support/fake-context.ts";
import { fakeIdentity } from "../support/fake-processes.ts";
import { withoutFlock } from "../support/stepped-context.ts";

const owner: LockProcess = { ...fakeIdentity, pid: 77, startTicks: 5, host: "test-host" };
const dead: LockProcess = { ...owner, pid: 66 };
const command = { pid: 88, startTicks: 6, isSupervised: false };
const breaker = { token: "b", process: { ...owner, pid: 99 }, isAcknowledged: false };
const processes = [77, 88, 99].map((pid) => ({ pid, startTicks: pid === 88 ? 6 : 5 }));

const record: LockRecord = {
  format: 1,
  token: "t",
  owner,
  purpose: "a test",
  acquiredAt: fakeNow - 120_000,
  children: [],
  isBeating: true,
};

/** A lock, last touched so long ago. */
function leave(ctx: FakeContext, name: string, text: string, ageMs: number): void {
  const path = lockFiles(ctx.paths).lock(name);
  const at = (fakeNow - ageMs) / 1000;
  utimesSync(ctx.home.write(path.slice(ctx.home.path.length + 1), text), at, at);
}

/** By state: what the file says and how old it is, and of whom the status tells. */
const states: [string, string, number, object][] = [
  ["held", lockText(record), 0, { pid: 77 }],
  ["silent", lockText(record), 30_000, { pid: 77 }],
  [
    "orphaned",
    lockText({ ...record, owner: dead, children: [command] }),
    0,
    { pid: 66, commands: [88] },
  ],
  ["dead", lockText({ ...record, owner: dead }), 0, { pid: 66 }],
  ["breaking", lockText({ ...record, breaker }), 0, { pid: 99 }],
  ["unreadable", "\0{", 0, { pid: null, host: "", purpose: "", acquiredAt: null }],
  ["newer", '{"format":2}', 0, { pid: null, host: "", purpose: "", acquiredAt: null }],
];

test.each(states)("--json tells a lock that is %s", async (state, text, ageMs, particulars) => {
  using ctx = fakeContext({ processes });
  leave(ctx, "demo", text, ageMs);
  expect(await main(["lock", "status", "--json"], ctx)).toBe(0);
  expect(JSON.parse(ctx.stdout)).toEqual({
    schemaVersion: 1,
    proofOfLife: "flock",
    mutex: null,
    locks: [
      {
        name: "demo",
        state,
        host: "test-host",
        purpose: "a test",
        acquiredAt: fakeNow - 120_000,
        beatAt: fakeNow - ageMs,
        commands: [],
        ...particulars,
      },
    ],
  });
  expect(ctx.stderr).toBe("");
});

test.each([
  ["a newer mosaic's whose owner lives is newer", { format: 2 }, "newer"],
  ["a newer mosaic's whose owner is dead is dead", { format: 2, owner: dead }, "dead"],
  ["one whose breaker died is dead", { breaker: { ...breaker, process: dead } }, "dead"],
  [
    "one whose breaker died over a living command is orphaned",
    { children: [command], breaker: { ...breaker, process: dead } },
    "orphaned",
  ],
  ["one held elsewhere is held", { owner: { ...owner, host: "there" } }, "held"],
])("%s", async (_what, changes, state) => {
  using ctx = fakeContext({ processes });
  leave(ctx, "demo", lockText({ ...record, ...changes }), 0);
  await main(["lock", "status", "--json"], ctx);
  expect(JSON.parse(ctx.stdout).locks).toMatchObject([{ state }]);
});

test("one that is held by what cannot touch it is held, however long ago it was taken", async () => {
  using ctx = fakeContext({ processes });
  leave(ctx, "demo", lockText({ ...record, isBeating: false }), 3_600_000);
  await main(["lock", "status", "--json"], ctx);
  expect(JSON.parse(ctx.stdout).locks).toMatchObject([{ state: "held" }]);
});

test("the table has a row for each state", async () => {
  using ctx = fakeContext({ processes });
  for (const [state, text, ageMs] of states) leave(ctx, state, text, ageMs);
  expect(await main(["lock", "status"], ctx)).toBe(0);
  expect(
    ctx.stdout
      .trimEnd()
      .split("\n")
      .map((line) => line.trimEnd().split(/ {2,}/)),
  ).toEqual([
    ["LOCK", "STATE", "PID", "HOST", "SINCE", "BEAT", "COMMANDS", "FOR"],
    ["breaking", "breaking", "99", "test-host", "2m", "0s", "-", "a test"],
    ["dead", "dead", "66", "test-host", "2m", "0s", "-", "a test"],
    ["held", "held", "77", "test-host", "2m", "0s", "-", "a test"],
    ["newer", "newer", "-", "-", "0s", "-"],
    ["orphaned", "orphaned", "66", "test-host", "2m", "0s", "88", "a test"],
    ["silent", "silent", "77", "test-host", "2m", "30s", "-", "a test"],
    ["unreadable", "unreadable", "-", "-", "0s", "-"],
  ]);
});

test("without locks it says so, also before there ever was one", async () => {
  using ctx = fakeContext();
  expect(await main(["lock", "status"], ctx)).toBe(0);
  expect(ctx.stdout).toBe("no lock is held\n");
});

test.each([
  ["4711\n", "4711", 4711],
  ["", "somebody", null],
])("a mutex that is held is told with its age", async (text, who, pid) => {
  using ctx = fakeContext();
  const { mutex } = lockFiles(ctx.paths);
  const at = (fakeNow - 1_500) / 1000;
  utimesSync(ctx.home.write(mutex.slice(ctx.home.path.length + 1), text), at, at);
  await main(["lock", "status"], ctx);
  expect(ctx.stdout).toBe(`no lock is held\nthe registry mutex is held by ${who}, for 1500 ms\n`);
  using json = fakeContext({ home: ctx.home });
  await main(["lock", "status", "--json"], json);
  expect(JSON.parse(json.stdout).mutex).toEqual({ pid, ageMs: 1_500 });
});

test("where there is no flock it says that age is the proof of life", async () => {
  using ctx = fakeContext();
  await main(["lock", "status"], withoutFlock(ctx));
  expect(ctx.stderr).toStartWith("mosaic: no flock(2) here");
  using json = fakeContext();
  await main(["lock", "status", "--json"], withoutFlock(json));
  expect(JSON.parse(json.stdout).proofOfLife).toBe("age");
});

test("what a file says as its purpose cannot drive the terminal", async () => {
  using ctx = fakeContext({ processes });
  leave(ctx, "demo", lockText({ ...record, purpose: "a\u001B[31mb\nc" }), 0);
  await main(["lock", "status"], ctx);
  expect(ctx.stdout).not.toContain("\u001B");
  expect(ctx.stdout.trimEnd().split("\n")).toHaveLength(2);
  await main(["lock", "run", "demo", "--timeout", "0", "--", "true"], ctx);
  expect(ctx.stderr).not.toContain("\u001B");
});
