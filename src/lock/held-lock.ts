// A lock that is ours: it is touched every second, commands that run under it are recorded before they do anything, and
// we learn when it is taken from us.
import type { Context, Gate, OpenFile } from "../context.ts";
import type { LockRecord } from "../domain/lock-record.ts";
import { beatMs } from "../domain/lock-verdict.ts";
import { lockFiles } from "../domain/names.ts";
import { AppError, exitCodes } from "../errors.ts";
import { lookAtLock, writeLock } from "./lock-file.ts";
import { tokenVariable } from "./liveness.ts";
import { withRegistry } from "./registry-mutex.ts";

/** How often an owner looks whether the lock is its still. */
export const lookMs = 250;

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
  /** Aborted once it is known that the lock was taken from us; what ran under it has been ended by then. */
  readonly lost: AbortSignal;
  /**
   * For exec or spawn: records the child as what runs under the lock, so that nobody gets in as long as it lives,
   * whatever becomes of us. Rejects with AppError, exit 75, when the lock is not ours any more; then it never runs.
   */
  readonly gate: Gate;
  /** Looks whether it is ours still. */
  check(): Promise<boolean>;
  /** `lost`: it was not ours any more, and nothing was done. Twice is fine. */
  release(): Promise<"released" | "lost">;
  /** Release, for whoever has more to say than that the disk is full: others find the lock untouched, and take it. */
  letGo(): Promise<void>;
}

export interface HoldOptions extends Acquisition {
  name: string;
  record: LockRecord;
  /** The lock's file, open, when we touch it. */
  file: OpenFile | undefined;
  /** A supervisor does the work of the commands. */
  isSupervised: boolean;
}

/** Holds what has just been taken; until `release` the beats go on. */
export function holdLock(ctx: Context, options: HoldOptions): HeldLock {
  const { name, isSupervised, waitedMs, hasWaited, takeover, isNested } = options;
  const { token } = options.record;
  const path = lockFiles(ctx.paths).lock(name);
  const lost = new AbortController();
  const done = new AbortController();
  let { file } = options;
  /** What `release` has found. */
  let end: "released" | "lost" | undefined;

  const replaceFile = (fresh: OpenFile | undefined): void => {
    file?.[Symbol.dispose]();
    file = fresh;
  };

  /** Our record as it stands now, others' commands under our token included; undefined when we have lost. */
  const current = async (): Promise<LockRecord | undefined> => {
    const { content } = await lookAtLock(ctx, name);
    const record = content?.kind === "record" ? content.record : undefined;
    if (record?.token === token && record.breaker === undefined) return record;
    // Whoever has it after we gave it back took nothing from us.
    if (end !== "released") lost.abort();
    return undefined;
  };

  /** So that the one who takes it over need not wait for us. */
  const acknowledge = async (): Promise<void> =>
    withRegistry(ctx, async () => {
      const { content } = await lookAtLock(ctx, name);
      if (content?.kind !== "record" || content.record.token !== token) return;
      const { breaker } = content.record;
      if (breaker === undefined || breaker.isAcknowledged) return;
      const record = { ...content.record, breaker: { ...breaker, isAcknowledged: true } };
      (await writeLock(ctx, name, record))[Symbol.dispose]();
    });

  let beatAt = ctx.clock.monotonic();
  const beat = async (): Promise<void> => {
    if (file?.isAt(path) === false) {
      // A command of ours may have recorded one of its own, which makes a new file. Opened before it is read: a lock that
      // says that it is ours then was ours when it was opened, and never another's.
      const fresh = await ctx.files.open(path, "existing");
      const isOurs = (await current()) !== undefined;
      if (isOurs && fresh?.isAt(path) === true) replaceFile(fresh);
      else fresh?.[Symbol.dispose]();
      if (!isOurs) return await acknowledge();
    }
    if (ctx.clock.monotonic() - beatAt < beatMs) return;
    beatAt = ctx.clock.monotonic();
    // Of a file that was replaced just now it touches nothing that anybody sees.
    file?.touch(ctx.clock.now());
  };

  const beats = async (): Promise<void> => {
    while (!lost.signal.aborted) {
      await ctx.clock.sleep(lookMs, done.signal);
      if (done.signal.aborted) return;
      try {
        await beat();
      } catch (error) {
        // A disk that fails now may work at the next beat; if not, others will find us silent.
        if (!(error instanceof AppError)) throw error;
      }
    }
  };

  const gate: Gate = async (pid) => {
    const startTicks = (await ctx.processes.one(pid))?.startTicks ?? 0;
    await withRegistry(ctx, async () => {
      const record = await current();
      if (record === undefined) throw takenFromUs(name);
      const children = [...record.children, { pid, startTicks, isSupervised }];
      const fresh = await writeLock(ctx, name, { ...record, children });
      if (isNested) fresh[Symbol.dispose]();
      else replaceFile(fresh);
    });
  };

  const giveBack = async (): Promise<"released" | "lost"> => {
    if (isNested) return (await current()) === undefined ? "lost" : "released";
    const found = await withRegistry(ctx, async () => {
      // Nobody changes a lock's file in place: as long as it is our file, it says what we wrote.
      const isOurs = file?.isAt(path) === true || (await current()) !== undefined;
      if (!isOurs) return "lost";
      await ctx.files.remove(path);
      return "released";
    });
    replaceFile(undefined);
    if (found === "lost") await acknowledge();
    return found;
  };

  let releasing: Promise<"released" | "lost"> | undefined;
  const release = async (): Promise<"released" | "lost"> => {
    done.abort();
    try {
      return (end = await (releasing ??= giveBack()));
    } catch (error) {
      // It is ours still: it can be tried again, and if it is not, others will find us silent.
      releasing = undefined;
      throw error;
    }
  };

  const letGo = async (): Promise<void> => {
    try {
      await release();
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
    }
  };

  if (!isNested) void beats();
  return {
    name,
    token,
    env: { [tokenVariable]: token },
    lost: lost.signal,
    gate,
    waitedMs,
    hasWaited,
    takeover,
    isNested,
    async check() {
      if ((await current()) !== undefined) return true;
      if (!isNested) await acknowledge();
      return false;
    },
    release,
    letGo,
    [Symbol.asyncDispose]: letGo,
  };
}

/** Somebody took the lock over, after a wait or because we did not touch it. */
export function takenFromUs(name: string): AppError {
  return new AppError(`the lock ${name} was taken over by another process`, {
    exitCode: exitCodes.busy,
    hint: "mosaic lock status",
  });
}
