// Attempts of one team counted together, so that a second gateway is no second chance. Each gateway counts its own too: that
// is what holds while Valkey is away, and it never begins anew at that moment.
import * as v from "valibot";
import { sha256Hex } from "../../domain/hash.ts";
import { AppError } from "../../errors.ts";
import type { Limit, Limiter } from "../guards/rate-limit.ts";
import type { Team } from "./bus.ts";

/** One more, and the milliseconds until the window ends; in one step, so that no counter is left without an end. */
const script = `local count = redis.call('INCR', KEYS[1])
if count == 1 then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end
return {count, redis.call('PTTL', KEYS[1])}`;

const answerSchema = v.tuple([v.number(), v.number()]);

export function sharedLimiter({ valkey, name }: Team, own: Limiter): Limiter {
  const takeShared = async ({ name: kind, most, windowMs }: Limit, key: string) => {
    // Keys may be what a client wrote, of any length.
    const counter = name("rate", kind, sha256Hex(key));
    const answer = await valkey.send("EVAL", script, "1", counter, String(windowMs));
    const [count, leftMs] = v.parse(answerSchema, answer);
    return count > most ? Math.max(1, leftMs) : undefined;
  };
  return {
    async take(limit, key) {
      const waitMs = await own.take(limit, key);
      if (waitMs !== undefined || !valkey.isUp) return waitMs;
      try {
        return await takeShared(limit, key);
      } catch (error) {
        if (error instanceof AppError) return undefined;
        throw error;
      }
    },
  };
}
