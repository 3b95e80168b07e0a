// Whom a record names, when pids are used again, machines boot and containers share a folder; and clocks that are set by an
// hour while a lock is held or waited for.
import { expect, test } from "bun:test";
import { utimesSync } from "node:fs";
import type { Context } from "../../src/context.ts";
import { lockFormat, type LockProcess, lockText } from "../../src/domain/lock-record.ts";
import { lockFiles } from "../../src/domain/names.ts";
import { acquireLock, type LockOptions } from "../../src/lock/restart-lock.ts";
import { createFakeClock, type FakeClock, fakeNow } from "../support/fake-clock.ts";
import { fakeContext, type FakeContext } from "../support/fake-context.ts";
import { fakeIdentity } from "../support/fake-processes.ts";
import { tempHome } from "../support/temp-home.ts";

const hourMs = 3_600_000;
const purpose = "a test";

/** The owner of the lock that each test begins with, and its command. */
const owner: LockProcess = { ...fakeIdentity, pid: 77, startTicks: 5, host: "test-host" };
const command = { pid: 88, startTicks: 6, isSupervised: false };
const living = [
  { pid: owner.pid, startTicks: owner.startTicks },
  { pid: command.pid, startTicks: command.startTicks },
];

/** A lock as its owner last touched it. */
function leave(ctx: FakeContext, changes: Partial<LockProcess>, beatAt = fakeNow): string {
  const record = {
    format: lockFormat,
    token: "t",
    owner: { ...owner, ...changes },
    purpose,
    acquiredAt: fakeNow,
    children: [command],
    isBeating: true,
  };
  const path = lockFiles(ctx.paths).lock("demo");
  ctx.home.write(path.slice(ctx.home.path.length + 1), lockText(record));
  utimesSync(path, beatAt / 1000, beatAt / 1000);
  return path;
}

/** From whom it was taken, and why; or the error's message. */
async function attempt(ctx: Context, options: Partial<LockOptions>): Promise<unknown> {
  try {
    await using held = await acquireLock(ctx, "demo", { purpose, ...options });
    return held.takeover;
  } catch (error) {
    return error instanceof Error ? error.message : error;
  }
}

test.each([
  ["a process that has got the owner's pid since", { startTicks: 4 }],
  ["an owner of before the boot, whatever lives now", { bootId: "boot-0" }],
])("%s is no owner", async (_what, changes) => {
  const [pid] = living;
  using ctx = fakeContext({ processes: pid === undefined ? [] : [pid] });
  leave(ctx, changes);
  expect(await attempt(ctx, { timeoutMs: 0 })).toEqual({ reason: "dead", pid: owner.pid });
});

test.each([
  ["of another container", { pidNamespace: "pid:[2]" }],
  ["of another host", { host: "there", bootId: "boot-0" }],
])(
  "an owner %s is not judged by the pids of here: only its silence counts",
  async (_what, where) => {
    using ctx = fakeContext({ processes: [...living] });
    leave(ctx, where);
    expect(await attempt(ctx, { timeoutMs: 10_000 })).toStartWith(
      "the lock demo is busy: pid 77 on ",
    );
    leave(ctx, where);
    expect(await attempt(ctx, {})).toEqual({ reason: "silent", pid: owner.pid });
    expect(ctx.clock.monotonic()).toBeGreaterThan(30_000);
    // The same numbers are other processes here.
    expect(ctx.signalled).toEqual([]);
  },
);

test("a hung owner whose last beat lies an hour ahead is broken after the stale time under our eyes", async () => {
  using ctx = fakeContext({ processes: [{ ...owner, startTicks: owner.startTicks }] });
  leave(ctx, {}, fakeNow + hourMs);
  expect(await attempt(ctx, { staleMs: 30_000, timeoutMs: 60_000 })).toEqual({
    reason: "silent",
    pid: owner.pid,
  });
  expect(ctx.clock.monotonic()).toBeWithin(30_000, 35_000);
});

test("a dead holder's mutex whose time lies an hour ahead is reaped after two seconds under our eyes", async () => {
  using ctx = fakeContext();
  const { mutex } = lockFiles(ctx.paths);
  const ahead = (fakeNow + hourMs) / 1000;
  utimesSync(ctx.home.write(mutex.slice(ctx.home.path.length + 1), "4711\n"), ahead, ahead);
  expect(await attempt(ctx, {})).toBeUndefined();
  expect(ctx.clock.monotonic()).toBeWithin(2_000, 3_000);
});

/** Two programs with one clock on the wall, which can be set. */
function pair(clock: FakeClock, home: ReturnType<typeof tempHome>) {
  const wall = { offsetMs: 0 };
  const processes = [
    { pid: 101, startTicks: 1 },
    { pid: 102, startTicks: 1 },
  ];
  const [one, other] = processes.map((identity): Context => {
    const ctx = fakeContext({ home, clock, processes, identity });
    return { ...ctx, clock: { ...clock, now: () => clock.now() + wall.offsetMs } };
  });
  if (one === undefined || other === undefined) throw new Error("a pair");
  return { one, other, wall };
}

test.each([
  ["ahead", hourMs],
  ["back", -hourMs],
])(
  "an owner that beats keeps its lock when the clock is set %s by an hour",
  async (_how, jumpMs) => {
    using home = tempHome();
    const clock = createFakeClock("manual");
    const { one, other, wall } = pair(clock, home);
    await one.files.canFlock();
    const held = await acquireLock(one, "demo", { purpose });
    const waiting = attempt(other, { staleMs: 3_000, timeoutMs: 20_000 });
    await clock.advance(5_100);
    wall.offsetMs = jumpMs;
    await clock.advance(16_000);
    expect(await waiting).toStartWith("the lock demo is busy: pid 101 holds it");
    expect(held.lost.aborted).toBe(false);
    expect(await held.release()).toBe("released");
  },
);

test("a new waiter that comes just after the clock was set ahead does not break the owner for its old beat", async () => {
  using home = tempHome();
  const clock = createFakeClock("manual");
  const { one, other, wall } = pair(clock, home);
  await one.files.canFlock();
  const held = await acquireLock(one, "demo", { purpose });
  await clock.advance(5_100);
  wall.offsetMs = hourMs;
  const waiting = attempt(other, { staleMs: 3_000, timeoutMs: 6_000 });
  await clock.advance(7_000);
  expect(await waiting).toStartWith("the lock demo is busy");
  expect(await held.release()).toBe("released");
});
