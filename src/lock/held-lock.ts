// What a lock that is ours offers, and how it is said that it is not ours any more. Types, and one error.
import type { Gate } from "../context.ts";
import { AppError, exitCodes } from "../errors.ts";

export type TakeoverReason = "dead" | "silent" | "max-wait" | "unreadable";

/** How it was when we took it. */
export interface Acquisition {
  waitedMs: number;
  /** Somebody else had it when we came: what it was wanted for may be done by now. */
  hasWaited: boolean;
  /** Whom it was taken from, and why; undefined when it was free. */
  takeover: { reason: TakeoverReason; pid: number | undefined } | undefined;
  /** It was ours already: whoever started us holds it, and we act under it. */
  isNested: boolean;
}

export interface HeldLock extends Acquisition, AsyncDisposable {
  readonly name: string;
  readonly token: string;
  /** Has to be in the environment of every command under the lock. */
  readonly env: Readonly<Record<string, string>>;
  /** Aborted once it is known that the lock was taken from us; what runs under it is being ended. */
  readonly lost: AbortSignal;
  /**
   * For exec or spawn: records the child as what runs under the lock, so that nobody gets in as long as it lives,
   * whatever becomes of us. Rejects with AppError, exit 75, when the lock is not ours any more; then it never runs.
   */
  readonly gate: Gate;
  /** Pids of what lives of the commands that run under it; of a nested one, of its own alone. */
  commands(): Promise<number[]>;
  /** Looks whether it is ours still. */
  check(): Promise<boolean>;
  /** `lost`: it was not ours any more, and nothing was done. Twice is fine. */
  release(): Promise<"released" | "lost">;
  /** Release, for whoever has more to say than that the disk is full: others find the lock untouched, and take it. */
  letGo(): Promise<void>;
}

/** Somebody took the lock over, after a wait or because we did not touch it. */
export function takenFromUs(name: string): AppError {
  return new AppError(`the lock ${name} was taken over by another process`, {
    exitCode: exitCodes.busy,
    hint: "mosaic lock status",
  });
}
