// Waiting for a lock that somebody holds, and taking it over from a holder that lives.
import { expect, test } from "bun:test";
import { beatMs } from "../../src/domain/lock-verdict.ts";
import { lookAtLock } from "../../src/lock/lock-file.ts";
import { acquireLock, type LockOptions } from "../../src/lock/restart-lock.ts";
import { lockWorld } from "../support/lock-actors.ts";

const name = "lead";

/** A program that holds the lock, and one that wants it and tells what it waits for. */
async function waitingWorld() {
  const world = lockWorld();
  const [owner, waiter, third] = [world.actor(101), world.actor(102), world.actor(103)];
  const held = await world.until(acquireLock(owner.ctx, name, { purpose: "a restart" }));
  const told: string[] = [];
  const take = (options: Partial<LockOptions>) =>
    acquireLock(waiter.ctx, name, {
      purpose: "another one",
      waiting: (why) => told.push(why),
      ...options,
    });
  return { world, owner, waiter, third, held, told, take, [Symbol.dispose]: world[Symbol.dispose] };
}

/** The error that it ends with. */
async function faultOf(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => "no fault",
    (error: unknown) => error,
  );
}

test("a free lock is not waited for", async () => {
  using world = lockWorld();
  const told: string[] = [];
  const options = { purpose: "x", timeoutMs: 0, waiting: (why: string) => told.push(why) };
  const held = await world.until(acquireLock(world.actor(101).ctx, name, options));
  expect([told, held.waitedMs, held.hasWaited, held.takeover]).toEqual([[], 0, false, undefined]);
  await world.until(held.release());
});

test("why it waits is told once; when it is released it is had within a moment", async () => {
  using scene = await waitingWorld();
  const { world, held, told, take } = scene;
  const taking = take({});
  await world.clock.advance(5_000);
  expect(await world.until(held.release())).toBe("released");
  const releasedAt = world.clock.now();
  const next = await world.until(taking);
  expect(world.clock.now() - releasedAt).toBeLessThan(100);
  expect(told).toEqual(["pid 101 holds it (a restart)"]);
  expect([next.hasWaited, next.takeover]).toEqual([true, undefined]);
  expect(next.waitedMs).toBeGreaterThanOrEqual(5_000);
  await world.until(next.release());
});

test.each([0, 700])("after %i ms it is busy, and nothing was done", async (timeoutMs) => {
  using scene = await waitingWorld();
  const { world, held, told, take } = scene;
  const startedAt = world.clock.now();
  expect(await faultOf(world.until(take({ timeoutMs })))).toMatchObject({
    name: "AppError",
    exitCode: 75,
    message: "the lock lead is busy: pid 101 holds it (a restart)",
    hint: "mosaic lock status",
  });
  expect(world.clock.now() - startedAt).toBeLessThanOrEqual(timeoutMs + 10);
  expect(told).toEqual(timeoutMs === 0 ? [] : ["pid 101 holds it (a restart)"]);
  expect(await world.until(held.check())).toBe(true);
  await world.until(held.release());
});

test("a signal ends the wait at once", async () => {
  using scene = await waitingWorld();
  const { world, held, take } = scene;
  const stop = new AbortController();
  const taking = faultOf(take({ signal: stop.signal }));
  await world.clock.advance(1_000);
  stop.abort();
  // No time passes.
  await world.clock.advance(0);
  expect(await taking).toMatchObject({
    exitCode: 130,
    message: "interrupted while waiting for the lock lead",
  });
  await world.until(held.release());
});

test("a signal that came before the wait ends it too", async () => {
  using scene = await waitingWorld();
  const { world, held, take } = scene;
  expect(await faultOf(world.until(take({ signal: AbortSignal.abort() })))).toMatchObject({
    exitCode: 130,
  });
  await world.until(held.release());
});

test("another holder is waited for anew", async () => {
  using scene = await waitingWorld();
  const { world, third, held, take } = scene;
  const taking = take({ maxWaitMs: 2_000 });
  await world.clock.advance(1_500);
  await world.until(held.release());
  const second = await acquireLock(third.ctx, name, { purpose: "second", timeoutMs: 0 });
  const secondAt = world.clock.now();
  const next = await world.until(taking);
  expect(next.takeover).toEqual({ reason: "max-wait", pid: 103 });
  expect(world.clock.now() - secondAt).toBeGreaterThanOrEqual(2_000);
  expect(second.lost.aborted).toBe(true);
  expect(await world.until(second.release())).toBe("lost");
  await world.until(next.release());
});

test("what runs under a lock is ended, and its owner knows, before the next one has it", async () => {
  using scene = await waitingWorld();
  const { world, held, take } = scene;
  const [pid, child] = world.command(held.token, "SIGTERM");
  await world.until(held.gate(pid));
  const wasThere: boolean[] = [];
  held.lost.addEventListener("abort", () => wasThere.push(world.isThere(pid)));
  const next = await world.until(take({ maxWaitMs: 1_000 }));
  expect([pid, child].map(world.isThere)).toEqual([false, false]);
  expect([held.lost.aborted, wasThere]).toEqual([true, [false]]);
  await world.until(next.release());
});

test("whoever takes a lock over touches it as long as that takes, so that nobody breaks it in turn", async () => {
  using scene = await waitingWorld();
  const { world, waiter, third, held, take } = scene;
  // SIGTERM does not end it: that takes five seconds.
  const [pid] = world.command(held.token, "SIGKILL");
  await world.until(held.gate(pid));
  const taking = take({ maxWaitMs: 0 });
  const ages: number[] = [];
  for (let second = 0; second < 4; second++) {
    await world.clock.advance(beatMs);
    ages.push(world.clock.now() - (await lookAtLock(waiter.ctx, name)).beatAt);
  }
  expect(ages.filter((age) => age > beatMs + 100)).toEqual([]);
  const patience = { purpose: "third", staleMs: 3_000, timeoutMs: 0 };
  expect(await faultOf(world.until(acquireLock(third.ctx, name, patience)))).toMatchObject({
    message: "the lock lead is busy: pid 102 holds it (a restart)",
  });
  const next = await world.until(taking);
  expect(world.isThere(pid)).toBe(false);
  await world.until(next.release());
});
