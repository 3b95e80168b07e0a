// A clock that moves only when the test says so, or, on "auto", jumps to the next sleeper as soon as all others
// are asleep.
import type { Clock } from "../../src/context.ts";

/** What `now()` says at the start: 2026-01-01T00:00:00Z. */
export const fakeNow = Date.UTC(2026, 0, 1);

export interface FakeClock extends Clock {
  /** How many are asleep. */
  readonly sleepers: number;
  /** Moves the time on and wakes who is due, one after the other, each with time to go on. */
  advance(ms: number): Promise<void>;
}

interface Sleeper {
  dueAt: number;
  wake: () => void;
}

/** Starts at `fakeNow`. */
export function createFakeClock(mode: "auto" | "manual"): FakeClock {
  let now = fakeNow;
  let sleeping: Sleeper[] = [];

  const wakeFirst = (limit: number): boolean => {
    const [first] = sleeping.toSorted((one, other) => one.dueAt - other.dueAt);
    if (first === undefined || first.dueAt > limit) return false;
    sleeping = sleeping.filter((sleeper) => sleeper !== first);
    now = Math.max(now, first.dueAt);
    first.wake();
    return true;
  };

  return {
    now: () => now,
    monotonic: () => now - fakeNow,
    get sleepers() {
      return sleeping.length;
    },
    sleep(ms, signal) {
      if (signal?.aborted === true) return Promise.resolve();
      const { promise, resolve } = Promise.withResolvers<void>();
      const sleeper = { dueAt: now + ms, wake: resolve };
      sleeping.push(sleeper);
      signal?.addEventListener("abort", () => {
        sleeping = sleeping.filter((other) => other !== sleeper);
        resolve();
      });
      // A turn of the event loop each: whoever is not asleep yet goes first.
      if (mode === "auto") setTimeout(() => wakeFirst(Infinity), 0);
      return promise;
    },
    async advance(ms) {
      const target = now + ms;
      await turn();
      while (wakeFirst(target)) await turn();
      now = target;
    },
  };
}

/** Lets everything run that waits for no clock. */
function turn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
