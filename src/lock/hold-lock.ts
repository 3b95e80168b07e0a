// A lock that is ours: it is touched every second, commands that run under it are recorded before they do anything, and
// we learn when it is taken from us; then those commands are ended, whoever else does so.
// Over 200 lines because losing, beating, recording and giving back share one state, which nothing else may see.
import type { Context, Gate, OpenFile } from "../context.ts";
import type { LockChild, LockRecord } from "../domain/lock-record.ts";
import { beatMs } from "../domain/lock-verdict.ts";
import { lockFiles } from "../domain/names.ts";
import { AppError } from "../errors.ts";
import { type Acquisition, type HeldLock, takenFromUs } from "./held-lock.ts";
import { endCommands, livingUnder, outerTokens, outerVariable, tokenVariable } from "./liveness.ts";
import { lookAtLock, openLock, writeLock } from "./lock-file.ts";
import { withRegistry } from "./registry-mutex.ts";

/** How often an owner looks whether the lock is its still. */
export const lookMs = 250;

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
  /** As it was when it was last seen to be ours. */
  let known = options.record;
  /** Of the locks that we run under ourselves: a command may act under them as well. */
  const outer = outerTokens(ctx)
    .filter((one) => one !== token)
    .join(" ");
  /** What `release` has found; on the way to it already, as a beat may look in that very moment. */
  let end: "released" | "lost" | undefined;

  const isOurs = (record: LockRecord): boolean =>
    record.token === token && record.breaker === undefined;

  const replaceFile = (fresh: OpenFile | undefined): void => {
    file?.[Symbol.dispose]();
    file = fresh;
  };

  /** Our record as it stands now, others' commands under our token included; undefined when we have lost. */
  const current = async (): Promise<LockRecord | undefined> => {
    const { content } = await lookAtLock(ctx, name);
    const record = content?.kind === "record" ? content.record : undefined;
    if (record !== undefined && isOurs(record)) return (known = record);
    // Whoever has it after we gave it back took nothing from us.
    if (end !== "released") lost.abort();
    return undefined;
  };

  /**
   * It is taken from us: ends what runs under it, and says so to the one who takes it, who may not see our processes. When
   * the file is another's by then, or gone, what was known to run under it ends all the same: nobody else knows of it.
   */
  const lose = async (): Promise<void> => {
    if (isNested || end === "released") return;
    const { content } = await lookAtLock(ctx, name);
    const record = content?.kind === "record" ? content.record : undefined;
    await endCommands(ctx, record?.token === token ? record : known, async () => {});
    await acknowledge();
  };

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
  const beat = async (): Promise<"ours" | "lost"> => {
    if (file?.isAt(path) === false) {
      if ((await current()) === undefined) {
        await lose();
        return "lost";
      }
      // A command of ours has recorded one of its own, which makes a new file.
      const fresh = await openLock(ctx, name, isOurs);
      if (fresh !== undefined) replaceFile(fresh);
    }
    if (ctx.clock.monotonic() - beatAt < beatMs) return "ours";
    beatAt = ctx.clock.monotonic();
    // Of a file that was replaced just now it touches nothing that anybody sees.
    file?.touch(ctx.clock.now());
    return "ours";
  };

  const beats = async (): Promise<void> => {
    for (;;) {
      await ctx.clock.sleep(lookMs, done.signal);
      if (done.signal.aborted) return;
      try {
        if ((await beat()) === "lost") return;
      } catch (error) {
        // A disk that fails now may work at the next look, and what cannot be ended now may end then; if not, others will
        // find us silent.
        if (!(error instanceof AppError)) throw error;
      }
    }
  };

  const own: LockChild[] = [];
  const gate: Gate = async (pid) => {
    const startTicks = (await ctx.processes.one(pid))?.startTicks ?? 0;
    await withRegistry(ctx, async () => {
      const record = await current();
      if (record === undefined) throw takenFromUs(name);
      const child = { pid, startTicks, isSupervised };
      const children = [...record.children, child];
      const next = { ...record, children };
      const fresh = await writeLock(ctx, name, next);
      known = next;
      own.push(child);
      if (isNested) fresh[Symbol.dispose]();
      else replaceFile(fresh);
    });
  };

  /** The lock is another's; only what we have run under it does not count for it any more. */
  const giveBackNested = async (): Promise<"released" | "lost"> => {
    const forget = async (): Promise<"released" | "lost"> => {
      const record = await current();
      if (record === undefined) return "lost";
      const isOwn = (child: LockChild): boolean =>
        own.some((one) => one.pid === child.pid && one.startTicks === child.startTicks);
      const children = record.children.filter((child) => !isOwn(child));
      if (own.length > 0) (await writeLock(ctx, name, { ...record, children }))[Symbol.dispose]();
      return "released";
    };
    return own.length === 0 ? await forget() : await withRegistry(ctx, forget);
  };

  const removeOurs = async (): Promise<void> => {
    end = "released";
    try {
      await ctx.files.remove(path);
    } catch (error) {
      end = undefined;
      throw error;
    }
  };

  const giveBack = async (): Promise<"released" | "lost"> => {
    if (isNested) return await giveBackNested();
    // Only the mutex could not be given back, the time before.
    if (end === "released") return end;
    const found = await withRegistry(ctx, async () => {
      // Nobody changes a lock's file in place: as long as it is our file, it says what we wrote.
      const isStillOurs = file?.isAt(path) === true || (await current()) !== undefined;
      if (!isStillOurs) return "lost";
      await removeOurs();
      return "released";
    });
    replaceFile(undefined);
    if (found === "lost") await lose();
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
    env: { [tokenVariable]: token, [outerVariable]: outer },
    lost: lost.signal,
    gate,
    waitedMs,
    hasWaited,
    takeover,
    isNested,
    async commands() {
      const now = isNested ? undefined : await current();
      return await livingUnder(ctx, now ?? { ...options.record, children: own });
    },
    async check() {
      if ((await current()) !== undefined) return true;
      await lose();
      return false;
    },
    release,
    letGo,
    [Symbol.asyncDispose]: letGo,
  };
}
