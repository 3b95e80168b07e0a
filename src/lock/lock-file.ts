// The file of one lock: reading it, which anybody may do at any time, and writing it, under the registry mutex alone.
import type { Context, OpenFile } from "../context.ts";
import { type LockContent, type LockRecord, lockText, parseLock } from "../domain/lock-record.ts";
import { lockFiles } from "../domain/names.ts";

/** One look at a lock. */
export interface LockSight {
  /** undefined: the lock is free. */
  content: LockContent | undefined;
  /** Tells one state of the lock from every other, since each holder has a token of its own. */
  text: string | undefined;
  /** Epoch milliseconds of the last beat; 0 when the lock is free. */
  beatAt: number;
}

/** What is there now. It may change at once, unless we hold the mutex. */
export async function lookAtLock(ctx: Context, name: string): Promise<LockSight> {
  const path = lockFiles(ctx.paths).lock(name);
  const beatAt = (await ctx.files.stat(path))?.modifiedAt;
  const text = beatAt === undefined ? undefined : await ctx.files.readText(path);
  // Released between the two, in the second case.
  if (beatAt === undefined || text === undefined) {
    return { content: undefined, text: undefined, beatAt: 0 };
  }
  return { content: parseLock(text), text, beatAt };
}

/**
 * Replaces what the lock says, under the mutex: readers see the old or the new. The file, open for its beats. When the
 * disk is full, or the like, AppError, and nothing has changed.
 */
export async function writeLock(ctx: Context, name: string, record: LockRecord): Promise<OpenFile> {
  const { draft, lock } = lockFiles(ctx.paths);
  const file = (await ctx.files.open(draft, "new")) ?? (await openAnew(ctx, draft));
  try {
    file.write(lockText(record));
    file.touch(ctx.clock.now());
    await ctx.files.rename(draft, lock(name));
    return file;
  } catch (error) {
    file[Symbol.dispose]();
    await ctx.files.remove(draft);
    throw error;
  }
}

/**
 * A beat of somebody who does not keep the file open. Nothing when the lock does not say what it has to: by its path alone
 * it may be that of one who has taken it just now.
 */
export async function touchLock(
  ctx: Context,
  name: string,
  says: (record: LockRecord) => boolean,
): Promise<void> {
  using file = await openLock(ctx, name, says);
  file?.touch(ctx.clock.now());
}

/**
 * The lock's file as it stands, open for beats; undefined when it does not say what it has to, or is replaced just now.
 * Whoever opens it by its path alone may get the file of the one who has taken the lock in that moment.
 */
export async function openLock(
  ctx: Context,
  name: string,
  says: (record: LockRecord) => boolean,
): Promise<OpenFile | undefined> {
  const path = lockFiles(ctx.paths).lock(name);
  const file = await ctx.files.open(path, "existing");
  if (file === undefined) return undefined;
  try {
    const { content } = await lookAtLock(ctx, name);
    // Opened before it was read, and at the path still: it is this file that was read.
    if (content?.kind === "record" && says(content.record) && file.isAt(path)) return file;
  } catch (error) {
    file[Symbol.dispose]();
    throw error;
  }
  file[Symbol.dispose]();
  return undefined;
}

/** Somebody has died over it. */
async function openAnew(ctx: Context, draft: string): Promise<OpenFile> {
  await ctx.files.remove(draft);
  const file = await ctx.files.open(draft, "new");
  if (file === undefined) throw new Error(`${draft} comes back though we hold the mutex`);
  return file;
}
