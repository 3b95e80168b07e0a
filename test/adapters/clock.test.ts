import { expect, test } from "bun:test";
import { clock } from "../../src/adapters/clock.ts";
import { randomHex } from "../../src/adapters/random.ts";

test("a sleep takes its time", async () => {
  const startedAt = clock.now();
  await clock.sleep(20);
  expect(clock.now() - startedAt).toBeGreaterThanOrEqual(19);
});

test("the monotonic time goes with the sleep, and has nothing to do with the clock on the wall", async () => {
  const startedAt = clock.monotonic();
  await clock.sleep(20);
  const afterMs = clock.monotonic() - startedAt;
  expect(afterMs).toBeGreaterThanOrEqual(19);
  expect(clock.now() - startedAt).toBeGreaterThan(1_000_000_000_000);
});

test("an aborted sleep ends early and rejects nothing", async () => {
  const abort = new AbortController();
  const sleeps = [clock.sleep(60_000, abort.signal)];
  abort.abort();
  sleeps.push(clock.sleep(60_000, abort.signal));
  expect(await Promise.all(sleeps)).toEqual([undefined, undefined]);
});

test.each([1, 7, 32])("%i hex digits, other ones each time", (digits) => {
  const drawn = Array.from({ length: 50 }, () => randomHex(digits));
  expect(drawn.every((hex) => new RegExp(`^[0-9a-f]{${digits}}$`).test(hex))).toBe(true);
  expect(new Set(drawn).size).toBeGreaterThan(1);
});
