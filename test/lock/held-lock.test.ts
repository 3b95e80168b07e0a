// A lock that is held: beats, loss, the commands under it, release. Over 200 lines because they share one scene.
import { expect, test } from "bun:test";
import type { Context, Files } from "../../src/context.ts";
import type { LockRecord } from "../../src/domain/lock-record.ts";
import { lockFiles } from "../../src/domain/names.ts";
import { AppError } from "../../src/errors.ts";
import { lookMs } from "../../src/lock/hold-lock.ts";
import { lookAtLock, writeLock } from "../../src/lock/lock-file.ts";
import { acquireLock } from "../../src/lock/restart-lock.ts";
import { fillingFiles } from "../support/failing-files.ts";
import { type LockWorld, lockWorld } from "../support/lock-actors.ts";

const name = "lead";
const now = { purpose: "a test", timeoutMs: 0 };

/** A program that has the lock, and another one. */
async function heldWorld(filesOf: (files: Files) => Files = (files) => files) {
  const world = lockWorld();
  const { ctx: plain } = world.actor(101);
  const ctx: Context = { ...plain, files: filesOf(plain.files) };
  const held = await world.until(acquireLock(ctx, name, now));
  const other = world.actor(102);
  return { world, ctx, held, other, [Symbol.dispose]: world[Symbol.dispose] };
}

const beatAt = async (ctx: Context) => (await lookAtLock(ctx, name)).beatAt;

async function recordOf(ctx: Context): Promise<LockRecord | undefined> {
  const { content } = await lookAtLock(ctx, name);
  return content?.kind === "record" ? content.record : undefined;
}

/** Somebody else changes what the lock says. */
async function change(ctx: Context, changes: Partial<LockRecord>): Promise<void> {
  const record = await recordOf(ctx);
  if (record === undefined) throw new Error("there is no lock");
  (await writeLock(ctx, name, { ...record, ...changes }))[Symbol.dispose]();
}

const breakerOf = (ctx: Context) => ({
  token: "b2",
  process: { pid: 102, startTicks: 1002, bootId: "boot-1", pidNamespace: "", host: ctx.host.name },
  isAcknowledged: false,
});

function faultOf(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => "no fault",
    (error: unknown) => error,
  );
}

/** Runs nothing and ends by itself; what the gate is asked with. */
const commandUnder = (world: LockWorld, token: string) => world.command(token, "SIGTERM")[0];

test("it is touched every second, until it is released", async () => {
  using scene = await heldWorld();
  const { world, ctx, held } = scene;
  const takenAt = world.clock.now();
  const beats: number[] = [];
  for (let step = 0; step < 12; step++) {
    await world.clock.advance(lookMs);
    beats.push((await beatAt(ctx)) - takenAt);
  }
  expect(beats).toEqual([0, 0, 0, 1000, 1000, 1000, 1000, 2000, 2000, 2000, 2000, 3000]);
  expect(await world.until(held.release())).toBe("released");
  expect([world.clock.sleepers, await beatAt(ctx)]).toEqual([0, 0]);
});

test("an owner that is made to lose knows at its next look, and says so", async () => {
  using scene = await heldWorld();
  const { world, ctx, held } = scene;
  const breaker = breakerOf(ctx);
  await change(ctx, { breaker });
  expect(held.lost.aborted).toBe(false);
  await world.clock.advance(lookMs);
  expect(held.lost.aborted).toBe(true);
  expect((await recordOf(ctx))?.breaker).toEqual({ ...breaker, isAcknowledged: true });
  expect(world.clock.sleepers).toBe(0);
});

test.each(["check", "release"] as const)("%s finds a loss at once, and says so", async (how) => {
  using scene = await heldWorld();
  const { world, ctx, held } = scene;
  await change(ctx, { breaker: breakerOf(ctx) });
  expect(await world.until<unknown>(held[how]())).toBe(how === "check" ? false : "lost");
  expect(held.lost.aborted).toBe(true);
  expect((await recordOf(ctx))?.breaker?.isAcknowledged).toBe(true);
});

test("a lock that another one has by now is left as it is", async () => {
  using scene = await heldWorld();
  const { world, ctx, held } = scene;
  await change(ctx, { token: "c3" });
  const text = await world.text(ctx, name);
  await world.clock.advance(lookMs);
  expect(held.lost.aborted).toBe(true);
  expect(await world.until(held.release())).toBe("lost");
  expect(await faultOf(world.until(held.gate(commandUnder(world, held.token))))).toMatchObject({
    exitCode: 75,
    message: "the lock lead was taken over by another process",
  });
  expect(await world.text(ctx, name)).toBe(text);
});

test.each([
  ["another one's by now", (ctx: Context) => change(ctx, { token: "c3", children: [] })],
  ["removed", (ctx: Context) => ctx.files.remove(lockFiles(ctx.paths).lock(name))],
  ["unreadable", (ctx: Context) => ctx.files.write(lockFiles(ctx.paths).lock(name), "{", 0o600)],
])("what runs under a lock whose file is %s is ended by its owner", async (_what, lose) => {
  using scene = await heldWorld();
  const { world, held, other } = scene;
  const pids = world.command(held.token, "SIGTERM");
  await world.until(held.gate(pids[0]));
  await lose(other.ctx);
  await world.clock.advance(lookMs);
  expect([held.lost.aborted, pids.filter(world.isThere)]).toEqual([true, []]);
  expect(await world.until(held.release())).toBe("lost");
  expect(world.clock.sleepers).toBe(0);
});

test("what a lock was given back for runs on", async () => {
  using scene = await heldWorld();
  const { world, held } = scene;
  const pids = world.command(held.token, "SIGTERM");
  await world.until(held.gate(pids[0]));
  expect(await world.until(held.release())).toBe("released");
  expect(await world.until(held.check())).toBe(false);
  await world.clock.advance(2000);
  expect([held.lost.aborted, pids.filter(world.isThere)]).toEqual([false, pids]);
});

test("what is recorded by one that acts under the lock takes nothing from its owner", async () => {
  using scene = await heldWorld();
  const { world, ctx, held } = scene;
  const inner = world.actor(103, held.token);
  const nested = await world.until(acquireLock(inner.ctx, name, now));
  const pid = commandUnder(world, held.token);
  await world.until(nested.gate(pid));
  await world.clock.advance(1000);
  expect(held.lost.aborted).toBe(false);
  expect(await beatAt(ctx)).toBe(world.clock.now());
  expect((await recordOf(ctx))?.children.map((child) => child.pid)).toEqual([pid]);
  expect([await nested.release(), await world.until(held.release())]).toEqual([
    "released",
    "released",
  ]);
});

test("the lock of one who takes it just when we open it anew is not touched or removed", async () => {
  let isTaken = false;
  const filesOf = (files: Files): Files => ({
    ...files,
    async open(path, how) {
      if (how === "existing" && path.endsWith(`/${name}.lock`) && !isTaken) {
        isTaken = true;
        await change(scene.other.ctx, { token: "c3" });
      }
      return files.open(path, how);
    },
  });
  using scene = await heldWorld(filesOf);
  const { world, ctx, held, other } = scene;
  // As one that acts under the lock does.
  await change(other.ctx, {});
  await world.clock.advance(lookMs);
  expect(isTaken).toBe(true);
  const [text, touchedAt] = [await world.text(ctx, name), await beatAt(ctx)];
  await world.clock.advance(2000);
  expect(await beatAt(ctx)).toBe(touchedAt);
  expect(await world.until(held.release())).toBe("lost");
  expect([held.lost.aborted, await world.text(ctx, name)]).toEqual([true, text]);
});

test.each([
  ["the mutex", 1],
  ["the record", 2],
])("a disk that is full for %s: no command is let in, and nothing changes", async (_what, nth) => {
  const disk = { left: Infinity };
  using scene = await heldWorld((files) => fillingFiles(files, disk));
  const { world, ctx, held } = scene;
  const text = await world.text(ctx, name);
  disk.left = nth - 1;
  const fault = await faultOf(world.until(held.gate(commandUnder(world, held.token))));
  expect(fault).toEqual(new AppError("no space left on device"));
  const left = await ctx.files.list(lockFiles(ctx.paths).dir);
  expect([left, await world.text(ctx, name)]).toEqual([[`${name}.lock`], text]);
  expect(await held.check()).toBe(true);
  disk.left = Infinity;
  await world.until(held.gate(commandUnder(world, held.token)));
  expect(await world.until(held.release())).toBe("released");
});

test("a look that fails is made again", async () => {
  const faults = [new AppError("input/output error")];
  using scene = await heldWorld((files) => ({
    ...files,
    async open(path, how) {
      const fault = how === "existing" ? faults.pop() : undefined;
      if (fault !== undefined) throw fault;
      return files.open(path, how);
    },
  }));
  const { world, ctx, held } = scene;
  await change(ctx, {});
  await world.clock.advance(2000);
  expect([faults, await beatAt(ctx)]).toEqual([[], world.clock.now()]);
  expect(held.lost.aborted).toBe(false);
});

test("what was released stays released, whoever looks or has it afterwards", async () => {
  using scene = await heldWorld();
  const { world, held, other } = scene;
  expect(await world.until(held.release())).toBe("released");
  await world.until(acquireLock(other.ctx, name, now));
  expect(await world.until(held.check())).toBe(false);
  expect(await world.until(held.release())).toBe("released");
  expect(held.lost.aborted).toBe(false);
  expect(await faultOf(world.until(held.gate(commandUnder(world, held.token))))).toMatchObject({
    exitCode: 75,
  });
});
