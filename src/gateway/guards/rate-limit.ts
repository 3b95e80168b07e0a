// Counting of attempts: so many of one kind and key within a window. In memory here; the tier `team` counts in Valkey, so
// that two gateways are no way around it, and comes back to this one while Valkey is down.
import type { Clock } from "../../context.ts";
import { Problem } from "../problem.ts";

export interface Limit {
  /** Such as `login-account`; one counter per name and key. */
  name: string;
  most: number;
  windowMs: number;
}

export interface Limiter {
  /** Counts one more; the milliseconds until it is worth to try again when that is one too many. */
  take(limit: Limit, key: string): Promise<number | undefined>;
}

/**
 * Logins, right or wrong, are counted before the password is looked at. Those of one account are counted for all networks
 * together, or a guesser with many addresses had as many times the tries; and so that he locks nobody out by it, a network from
 * which the account has logged in before has a count of its own.
 */
export const loginLimits = {
  place: { name: "login-place", most: 10, windowMs: 5 * 60_000 },
  account: { name: "login-account", most: 10, windowMs: 5 * 60_000 },
  address: { name: "login-address", most: 30, windowMs: 5 * 60_000 },
  origin: { name: "login-origin", most: 30, windowMs: 5 * 60_000 },
} as const satisfies Record<string, Limit>;

/** Beyond this the oldest counters are dropped: an attacker with many addresses gets no memory of ours. */
const maxCounters = 50_000;

/** A limiter of this process. */
export function memoryLimiter(clock: Pick<Clock, "monotonic">): Limiter {
  const counters = new Map<string, { count: number; endsAt: number }>();
  return {
    async take({ name, most, windowMs }, key) {
      const now = clock.monotonic();
      const id = `${name}\0${key}`;
      const known = counters.get(id);
      const counter =
        known === undefined || known.endsAt <= now ? { count: 0, endsAt: now + windowMs } : known;
      counter.count += 1;
      if (counter !== known) {
        // At the end of the map, which is in the order of the beginnings.
        counters.delete(id);
        counters.set(id, counter);
        if (counters.size > maxCounters) dropOldest(counters, now);
      }
      return counter.count > most ? counter.endsAt - now : undefined;
    },
  };
}

function dropOldest(counters: Map<string, { endsAt: number }>, now: number): void {
  for (const [id, { endsAt }] of counters) {
    if (endsAt <= now) counters.delete(id);
  }
  for (const id of counters.keys()) {
    if (counters.size <= maxCounters) return;
    counters.delete(id);
  }
}

/** Throws Problem, 429 with Retry-After, when it is one too many. */
export async function mustTake(limiter: Limiter, limit: Limit, key: string): Promise<void> {
  const waitMs = await limiter.take(limit, key);
  if (waitMs !== undefined) throw tooMany(limit, waitMs);
}

/** 429, to come again after so many milliseconds. */
export function tooMany({ name, most, windowMs }: Limit, waitMs: number): Problem {
  return new Problem("too-many-requests", `${name}: at most ${most} in ${windowMs / 1000} s`, {
    retryAfterSeconds: Math.max(1, Math.ceil(waitMs / 1000)),
  });
}
