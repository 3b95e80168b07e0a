// Changes a JSON file that other programs write too (Claude Code rewrites its settings.json whole, several sessions at
// once, and not always atomically): whatever they write meanwhile is kept, and ours is put into it.
import { readUtf8 } from "../config/utf8-text.ts";
import type { Context, SwappedFile } from "../context.ts";
import { sha256Hex } from "../domain/hash.ts";
import { readJson } from "../domain/json-text.ts";
import { AppError, exitCodes } from "../errors.ts";

export interface SettingsEdit {
  file: string;
  /** The new text from the old one; undefined: there is no file. Pure, for it may be asked again and again. */
  edit: (text: string | undefined) => string;
}

/** How long others may be faster before we give up: each time their words are kept. */
const patienceMs = 10_000;

/** Against one who writes all the time the file is put in place before it is on the disk. */
const syncedRounds = 5;

/** A file that somebody is writing in place is torn for less than that. */
const settleMs = 15;
const maxTornMs = 1000;

/** Looks at a file that was taken away: soon, so that its writer does not read ours before it has its own words back. */
const latePausesMs = [1, 1, 2, 4, 8];

/** Longer than any program has its settings open for writing; one that never lets go is not waited for. */
const maxWriterMs = 3_000;

const newFileMode = 0o600;
const keptBackups = 10;
const lockTimeoutMs = 10_000;

/**
 * Whether the file was changed, and where its old text is kept. Throws AppError: exit 4 when it is no valid JSON, exit 75
 * when another mosaic is at it for long; the file is then as it was.
 */
export async function editSettings(
  ctx: Context,
  { file, edit }: SettingsEdit,
): Promise<{ changed: boolean; backup: string | undefined }> {
  using _ = await lockSettings(ctx);
  const until = ctx.clock.monotonic() + patienceMs;
  let backup: string | undefined;
  // What was put in place last, and what a program wrote meanwhile into the file that stood there.
  let put: { ours: string; late: string | undefined } | undefined;
  for (let round = 0; ctx.clock.monotonic() < until; round++) {
    const expected = await readSettings(ctx, file);
    const next = edit(put !== undefined && expected === put.ours ? put.late : expected);
    if (next === expected) return { changed: backup !== undefined, backup };
    if (expected !== undefined && backup === undefined) {
      backup = await keepBackup(ctx, file, expected);
    }
    const isSynced = round < syncedRounds;
    const swap = { expected, data: next, mode: newFileMode, isSynced };
    using old = await ctx.files.swap(file, swap);
    // Somebody was faster: once more, from what they wrote.
    if (old === undefined) continue;
    const late = await writtenLate(ctx, { file, old, expected });
    if (late === undefined) return { changed: true, backup };
    put = { ours: next, late };
  }
  throw new AppError(`${file} is rewritten by another program all the time`, {
    exitCode: exitCodes.busy,
    hint: "end the Claude Code sessions that run, then try again",
  });
}

/**
 * Its text, also while somebody is writing it in place; undefined when it is not there. Throws AppError, exit 4, for one that stays no
 * valid JSON.
 */
export async function readSettings(ctx: Context, file: string): Promise<string | undefined> {
  return await readWhole(ctx, file, () => readUtf8(ctx, file));
}

/** One mosaic at a time changes the files of Claude Code; disposing the result ends that. */
export async function lockSettings(ctx: Context): Promise<Disposable> {
  const until = ctx.clock.monotonic() + lockTimeoutMs;
  for (;;) {
    const held = await ctx.files.tryLock(`${ctx.paths.state}/claude-settings.lock`);
    if (held !== undefined) return held;
    if (ctx.clock.monotonic() > until) {
      throw new AppError("another mosaic is changing Claude Code's settings", {
        exitCode: exitCodes.busy,
        hint: "try again",
      });
    }
    await ctx.clock.sleep(settleMs);
  }
}

/** Kept copies of a file, the newest first. */
export async function backupsOf(ctx: Context, file: string): Promise<string[]> {
  const folder = backupFolder(ctx, file);
  return (await ctx.files.list(folder)).toReversed().map((name) => `${folder}/${name}`);
}

interface Late {
  file: string;
  old: SwappedFile;
  expected: string | undefined;
}

/**
 * What somebody who had the old file open wrote into it after all; undefined when nobody did. Where the system tells who
 * has it open this is certain; elsewhere a writer that is held up for longer than the pauses is not heard.
 */
async function writtenLate(
  ctx: Context,
  { file, old, expected }: Late,
): Promise<string | undefined> {
  const until = ctx.clock.monotonic() + maxWriterMs;
  const lastPauseMs = latePausesMs.at(-1) ?? settleMs;
  for (let look = 0; ; look++) {
    // Asked first: what is written between the two is in the text.
    const hasWriter = old.hasWriter();
    if (old.text() !== expected) return await readWhole(ctx, file, async () => old.text());
    // Nobody can open it any more, for it has no name that anybody knows.
    if (hasWriter === false) return undefined;
    const isLong = hasWriter === true ? ctx.clock.monotonic() > until : look >= latePausesMs.length;
    if (isLong) return undefined;
    await ctx.clock.sleep(latePausesMs[look] ?? lastPauseMs);
  }
}

/** Reads until it is whole: a program that writes in place leaves half a file for a moment. */
async function readWhole(
  ctx: Context,
  file: string,
  read: () => Promise<string | undefined>,
): Promise<string | undefined> {
  const until = ctx.clock.monotonic() + maxTornMs;
  let before: string | undefined;
  for (;;) {
    const { text, fault } = await readOnce(read, file);
    // An empty file may be one that is just being written.
    const isSure = text?.trim() !== "" || before === text;
    if (fault === undefined && isSure) return text;
    if (fault !== undefined && ctx.clock.monotonic() > until) throw fault;
    before = text;
    await ctx.clock.sleep(settleMs);
  }
}

async function readOnce(
  read: () => Promise<string | undefined>,
  file: string,
): Promise<{ text?: string | undefined; fault?: AppError }> {
  try {
    const text = await read();
    if (text !== undefined && text.trim() !== "") readJson(text, file);
    return { text };
  } catch (error) {
    // Half a character is no UTF-8 either.
    if (error instanceof AppError) return { fault: error };
    throw error;
  }
}

async function keepBackup(ctx: Context, file: string, text: string): Promise<string> {
  const folder = backupFolder(ctx, file);
  const time = new Date(ctx.clock.now()).toISOString().replaceAll(/[:.]/g, "-");
  const path = `${folder}/${time}-${ctx.randomHex(4)}.json`;
  await ctx.files.write(path, text, 0o600);
  const old = (await ctx.files.list(folder)).toReversed().slice(keptBackups);
  for (const name of old) await ctx.files.remove(`${folder}/${name}`);
  return path;
}

/** In our folder: that of Claude Code may be a repository of somebody's dotfiles. */
function backupFolder({ paths }: Context, file: string): string {
  return `${paths.state}/backups/claude-${sha256Hex(file).slice(0, 8)}`;
}
