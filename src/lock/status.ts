// `mosaic lock status`: every lock that somebody holds or has left, from one look that changes nothing.
import type { Context } from "../context.ts";
import { roughDuration } from "../domain/duration.ts";
import { holderOf, lockFormat } from "../domain/lock-record.ts";
import { lockFiles } from "../domain/names.ts";
import { formatTable } from "../domain/table.ts";
import { AppError, exitCodes } from "../errors.ts";
import { holderLives, livingUnder } from "./liveness.ts";
import { lookAtLock } from "./lock-file.ts";
import { defaultStaleMs } from "./wait.ts";

/**
 * held: by a living owner. silent: by one that does not touch it. orphaned: its owner is dead, its command lives. dead:
 * nothing of it lives, and the next one takes it. breaking: it is being taken over.
 */
type LockState = "held" | "silent" | "orphaned" | "dead" | "breaking" | "unreadable" | "newer";

interface LockStatus {
  name: string;
  state: LockState;
  /** Of whoever answers for it; null when its file cannot be read. */
  pid: number | null;
  host: string;
  purpose: string;
  /** Epoch milliseconds; null when its file cannot be read. */
  acquiredAt: number | null;
  /** Of its last touch; null when it cannot be looked at. */
  beatAt: number | null;
  /** Pids of what runs under it. */
  commands: number[];
}

/** Exit code 0, also when nothing is held. */
export async function lockStatus(ctx: Context, { json }: { json: boolean }): Promise<number> {
  const locks = await allLocks(ctx);
  const mutex = await mutexStatus(ctx);
  const proofOfLife = (await ctx.files.canFlock()) ? "flock" : "age";
  if (json) {
    const document = { schemaVersion: 1, proofOfLife, mutex, locks };
    ctx.io.out(`${JSON.stringify(document, null, 2)}\n`);
    return exitCodes.ok;
  }
  ctx.io.out(locks.length === 0 ? "no lock is held\n" : table(ctx, locks));
  if (mutex !== null) {
    ctx.io.out(`the registry mutex is held by ${mutex.pid ?? "somebody"}, for ${mutex.ageMs} ms\n`);
  }
  if (proofOfLife === "age") {
    ctx.io.err(
      "mosaic: no flock(2) here: whether the holder of the registry mutex lives is told by its age alone\n",
    );
  }
  return exitCodes.ok;
}

async function allLocks(ctx: Context): Promise<LockStatus[]> {
  const files = await ctx.files.list(lockFiles(ctx.paths).dir);
  const names = files.flatMap((file) => /^(.+)\.lock$/.exec(file)?.[1] ?? []);
  const found = await Promise.all(names.map((name) => oneLockOrFault(ctx, name)));
  return found.filter((lock) => lock !== undefined);
}

/** One that another user keeps private, or that is no file, must not hide the others. */
async function oneLockOrFault(ctx: Context, name: string): Promise<LockStatus | undefined> {
  try {
    return await oneLock(ctx, name);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return { name, state: "unreadable", beatAt: null, ...nothingKnown, purpose: error.message };
  }
}

const nothingKnown = { pid: null, host: "", purpose: "", acquiredAt: null, commands: [] };

async function oneLock(ctx: Context, name: string): Promise<LockStatus | undefined> {
  const { content, beatAt } = await lookAtLock(ctx, name);
  if (content === undefined) return undefined;
  if (content.kind !== "record") {
    return { name, state: content.kind, beatAt, ...nothingKnown };
  }
  const { record } = content;
  const commands = await livingUnder(ctx, record);
  const lives = await holderLives(ctx, record);
  const isSilent = record.isBeating && ctx.clock.now() - beatAt >= defaultStaleMs;
  const state = ((): LockState => {
    if (record.breaker !== undefined && lives !== "no") return "breaking";
    if (lives === "no") return commands.length > 0 ? "orphaned" : "dead";
    if (isSilent) return "silent";
    return record.format > lockFormat ? "newer" : "held";
  })();
  const { pid, host } = holderOf(record);
  const { purpose, acquiredAt } = record;
  return { name, state, pid, host, purpose, acquiredAt, beatAt, commands };
}

async function mutexStatus(ctx: Context): Promise<{ pid: number | null; ageMs: number } | null> {
  const { mutex } = lockFiles(ctx.paths);
  const found = await ctx.files.stat(mutex);
  if (found === undefined) return null;
  const pid = /^\d+$/.exec((await ctx.files.readText(mutex))?.trim() ?? "")?.[0];
  const ageMs = Math.max(0, Math.round(ctx.clock.now() - found.modifiedAt));
  return { pid: pid === undefined ? null : Number(pid), ageMs };
}

function table(ctx: Context, locks: readonly LockStatus[]): string {
  const now = ctx.clock.now();
  const ago = (at: number | null): string => (at === null ? "-" : roughDuration(now - at));
  return formatTable({
    headers: ["LOCK", "STATE", "PID", "HOST", "SINCE", "BEAT", "COMMANDS", "FOR"],
    rows: locks.map((lock) => [
      lock.name,
      lock.state,
      lock.pid === null ? "-" : String(lock.pid),
      lock.host,
      ago(lock.acquiredAt),
      ago(lock.beatAt),
      lock.commands.join(",") || "-",
      lock.purpose,
    ]),
    columns: ctx.io.stdoutIsTty ? ctx.io.columns : Number.POSITIVE_INFINITY,
  });
}
