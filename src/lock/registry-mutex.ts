// The registry mutex: every transition of every lock (acquire, release, takeover) happens under it, and it is held for
// those few file operations and never across a restart.
//
// A holder is whoever created the file and holds flock(2) on it. A reaper has to find the file old, get its flock, and see
// that the path still names it: then its creator is dead, or has not got the flock yet and will see that it lost the
// file. So a living holder, even a stopped one, is never reaped. Age goes by mtime alone: an empty file is a mutex that
// is still being acquired. Where there is no flock, age is all there is.
import type { Context, OpenFile } from "../context.ts";
import { lockFiles } from "../domain/names.ts";
import { AppError, exitCodes } from "../errors.ts";

/** A mutex is held for less than a millisecond, so one of this age was left by somebody who died. */
const staleMs = 2_000;

/** After this long the holder must be stopped, and whoever waits for it is told so. */
const patienceMs = 10_000;

const minPauseMs = 0.5;
const maxPauseMs = 5;

/**
 * Does the work while nobody else can, and gives what it gives. Throws AppError: exit 75 when another process keeps the
 * mutex, the file system's own fault (full, read-only, not ours) otherwise; then nothing is left behind.
 */
export async function withRegistry<T>(ctx: Context, work: () => Promise<T>): Promise<T> {
  const held = await acquire(ctx);
  try {
    return await work();
  } finally {
    await release(ctx, held);
  }
}

async function acquire(ctx: Context): Promise<OpenFile> {
  const { dir, mutex } = lockFiles(ctx.paths);
  const beganAt = ctx.clock.monotonic();
  const watch = watchStale(ctx);
  for (let pauseMs = minPauseMs; ; pauseMs = Math.min(pauseMs * 1.5, maxPauseMs)) {
    const created = await create(ctx, { dir, mutex });
    if (created !== undefined) {
      if (await populate(ctx, created)) return created;
      continue;
    }
    if (await reap(ctx, { mutex, isStale: watch })) continue;
    if (ctx.clock.monotonic() - beganAt > patienceMs) throw await tooLong(ctx, mutex);
    await ctx.clock.sleep(pauseMs);
  }
}

/** undefined when the mutex is there. */
async function create(
  ctx: Context,
  { dir, mutex }: { dir: string; mutex: string },
): Promise<OpenFile | undefined> {
  try {
    return await ctx.files.open(mutex, "new");
  } catch {
    // The first lock ever here; the folder may also have come just now, by another process for which it is the first.
    if ((await ctx.files.stat(dir)) === undefined) await ctx.files.makeDir(dir, 0o700);
    return await ctx.files.open(mutex, "new");
  }
}

/** False when a reaper was faster: then the file is not ours any more. Whatever fails, no half-made mutex stays. */
async function populate(ctx: Context, created: OpenFile): Promise<boolean> {
  const { mutex } = lockFiles(ctx.paths);
  try {
    // Held: a reaper looks at it. It will find that we are too young, or take it away.
    while ((await created.flock()) === "held") {
      if (!created.isAt(mutex)) return discard(created);
      await ctx.clock.sleep(minPauseMs);
    }
    if (!created.isAt(mutex)) return discard(created);
    created.write(`${ctx.host.pid}\n`);
    return true;
  } catch (error) {
    await release(ctx, created);
    throw error;
  }
}

function discard(file: OpenFile): false {
  file[Symbol.dispose]();
  return false;
}

/** The unlink comes before the unlock: a free flock on a file at the path would be a dead holder's. */
async function release(ctx: Context, held: OpenFile): Promise<void> {
  const { mutex } = lockFiles(ctx.paths);
  try {
    // Without flock it may have been reaped, and be another's by now.
    if (held.isAt(mutex)) await ctx.files.remove(mutex);
  } finally {
    held[Symbol.dispose]();
  }
}

/** Removes the mutex of a dead holder. True when it is worth trying again at once. */
async function reap(
  ctx: Context,
  { mutex, isStale }: { mutex: string; isStale: (modifiedAt: number) => boolean },
): Promise<boolean> {
  const seen = await ctx.files.stat(mutex);
  if (seen === undefined) return true;
  if (!isStale(seen.modifiedAt)) return false;
  using found = await ctx.files.open(mutex, "existing");
  // Gone since; or a link that leads nowhere, which stays: to go on at once would be to go round for ever.
  if (found === undefined) return false;
  if ((await found.flock()) === "held") return false;
  // Between the look and the flock its creator may have come to life, or another reaper been here.
  if (!found.isAt(mutex) || !isStale(found.modifiedAt())) return false;
  await ctx.files.remove(mutex);
  return true;
}

/** Old by the clock, or unchanged for as long under our eyes: after the clock was set back its time lies ahead. */
function watchStale(ctx: Context): (modifiedAt: number) => boolean {
  let watched: { modifiedAt: number; since: number } | undefined;
  return (modifiedAt) => {
    const now = ctx.clock.monotonic();
    if (watched?.modifiedAt !== modifiedAt) watched = { modifiedAt, since: now };
    return ctx.clock.now() - modifiedAt >= staleMs || now - watched.since >= staleMs;
  };
}

async function tooLong(ctx: Context, mutex: string): Promise<AppError> {
  const pid = (await ctx.files.readText(mutex))?.trim() ?? "";
  const by = /^\d+$/.test(pid) ? ` by process ${pid}` : "";
  return new AppError(`the lock registry ${mutex} is kept${by}`, {
    exitCode: exitCodes.busy,
    hint: by === "" ? "mosaic lock status" : `ps -fp ${pid}   # is it stopped? kill -CONT ${pid}`,
  });
}
