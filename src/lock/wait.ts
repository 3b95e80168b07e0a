// Waiting for a lock: what is known of its holder from one look to the next, and when to look again.
import type { Context } from "../context.ts";
import { judgeLock, type LockVerdict } from "../domain/lock-verdict.ts";
import { AppError, exitCodes } from "../errors.ts";
import { holderLives, livingUnder } from "./liveness.ts";
import type { LockSight } from "./lock-file.ts";

export interface LockWait {
  /** See LockPatience. Default 30 s. */
  staleMs?: number;
  /** See LockPatience. Default: a living owner is never made to lose. */
  maxWaitMs?: number | undefined;
  /** Exit 75 when it is not ours after this long; 0: unless it can be had at once. Default: for ever. */
  timeoutMs?: number | undefined;
  /** Called once, with why, when it has to be waited for. */
  waiting?: (why: string) => void;
  /** Ends the wait, with exit 130. */
  signal?: AbortSignal;
}

export const defaultStaleMs = 30_000;

/** A lock that was released is had this long after, at most. */
export const minPollMs = 2;
const maxPollMs = 50;

/** The wait may be longer than it has to be by this part; so one that has waited long is not outrun by newcomers. */
const pollShare = 0.02;

/** One wait, which begins now. */
export function waitFor(ctx: Context, name: string, options: LockWait) {
  const monotonic = (): number => ctx.clock.monotonic();
  const beganAt = monotonic();
  /** Of one holder; another one is waited for anew. */
  let holder = { token: "", since: beganAt };
  let beat = { at: 0, since: beganAt };
  let isTold = false;

  return {
    soFar: () => ({ waitedMs: monotonic() - beganAt, hasWaited: isTold }),

    async judge(sight: LockSight): Promise<LockVerdict> {
      const { content, beatAt } = sight;
      const now = monotonic();
      const record = content?.kind === "record" ? content.record : undefined;
      const token = record?.breaker?.token ?? record?.token ?? "";
      if (holder.token !== token) holder = { token, since: now };
      if (beat.at !== beatAt) beat = { at: beatAt, since: now };
      const lives = record === undefined ? "unknown" : await holderLives(ctx, record);
      // Of a living holder it does not matter, and is not looked for.
      const commandLives =
        record !== undefined && lives === "no" && (await livingUnder(ctx, record)).length > 0;
      return judgeLock(
        {
          content,
          holderLives: lives,
          commandLives,
          ageMs: ctx.clock.now() - beatAt,
          unchangedMs: now - beat.since,
          waitedMs: now - holder.since,
        },
        { staleMs: options.staleMs ?? defaultStaleMs, maxWaitMs: options.maxWaitMs },
      );
    },

    async pause(why: string): Promise<void> {
      const waitedMs = monotonic() - beganAt;
      const leftMs = (options.timeoutMs ?? Number.POSITIVE_INFINITY) - waitedMs;
      if (leftMs <= 0) throw busy(name, why);
      if (!isTold) options.waiting?.(why);
      isTold = true;
      // Not all at the same moment: several may wait for one lock.
      const spread = 0.5 + Number.parseInt(ctx.randomHex(2), 16) / 256;
      const pollMs = Math.min(Math.max(waitedMs * pollShare, minPollMs), maxPollMs);
      await ctx.clock.sleep(Math.min(pollMs * spread, leftMs), options.signal);
      if (options.signal?.aborted === true) throw interrupted(name);
    },
  };
}

function busy(name: string, why: string): AppError {
  return new AppError(`the lock ${name} is busy: ${why}`, {
    exitCode: exitCodes.busy,
    hint: "mosaic lock status",
  });
}

function interrupted(name: string): AppError {
  return new AppError(`interrupted while waiting for the lock ${name}`, {
    exitCode: exitCodes.interrupted,
  });
}
