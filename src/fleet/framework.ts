// Extracts the framework shipped in this program (tools, tmux.conf, examples, schema) into the config folder.
// A file that a site changed is never overwritten without force, and then only after a backup. Each file is replaced
// at once or not at all, and install.json says beforehand what is about to be written: whatever interrupts an
// extraction, the next one completes it.
import type { Context } from "../context.ts";
import { shellWord } from "../domain/shell-word.ts";
import { keepBackup } from "./backup.ts";
import {
  type FileState,
  hasRightMode,
  modeOf,
  surveyFramework,
  type SurveyedFile,
} from "./framework-survey.ts";
import { type InstallRecord, readInstallRecord, writeInstallRecord } from "./install-record.ts";

/** What an extraction did; paths are below the config folder. */
export interface ExtractReport {
  /** Were missing, or ours and old. */
  written: string[];
  /** Ours, and shipped no more. */
  removed: string[];
  /** Edited, and replaced by force. `backup` is an absolute path. */
  replaced: { path: string; backup: string }[];
  /** Edited, and left alone. */
  kept: string[];
}

/**
 * Brings the config folder up to this version. `force` replaces edited files too, after a backup. A symlink or folder
 * in the place of a file counts as edited: it is never written through, force moves it away. Throws AppError when a
 * file cannot be written; what was written until then is whole.
 */
export async function extractFramework(
  ctx: Context,
  { force }: { force: boolean },
): Promise<ExtractReport> {
  const record = await readInstallRecord(ctx);
  const survey = await surveyFramework(ctx, record);
  const { toWrite, toRemove, kept } = plan(survey, force);
  const report: ExtractReport = {
    written: toWrite.filter(({ state }) => !isForeign(state)).map(({ path }) => path),
    removed: toRemove.map(({ path }) => path),
    replaced: [],
    kept: kept.map(({ path }) => path),
  };
  if (toWrite.length > 0) await writeInstallRecord(ctx, announce(record, toWrite));
  for (const file of toWrite) {
    const target = `${ctx.paths.config}/${file.path}`;
    if (isForeign(file.state)) {
      report.replaced.push({ path: file.path, backup: await keepBackup(ctx, target) });
    }
    await ctx.files.write(target, file.bytes ?? "", modeOf(file.path));
  }
  for (const { path } of toRemove) await ctx.files.remove(`${ctx.paths.config}/${path}`);
  const concluded = conclude(ctx, { record, survey, kept: report.kept });
  if (!isSame(record, concluded)) await writeInstallRecord(ctx, concluded);
  return report;
}

/**
 * Makes sure that the tools are there and of this version. Cheap when they are: one read, and a stat per file. Says on
 * stderr which edited files an update left alone, once.
 */
export async function ensureFramework(ctx: Context): Promise<void> {
  const record = await readInstallRecord(ctx);
  // Run from source, the framework changes under one version.
  const isTrusted = record !== undefined && isCurrent(ctx, record) && ctx.host.commit !== "dev";
  if (isTrusted && (await isComplete(ctx, record))) return;
  const report = await extractFramework(ctx, { force: false });
  const isNew = (path: string) => !record?.kept.includes(path) || !isCurrent(ctx, record);
  for (const path of report.kept.filter(isNew)) {
    ctx.io.err(
      `mosaic: kept your ${ctx.paths.config}/${path}, which differs from the one of this version\n`,
    );
  }
}

/** A file that is not as this version ships it. `file` is an absolute path, `fix` a command. */
export interface FrameworkDrift {
  file: string;
  state: Exclude<FileState, "current">;
  fix: string;
}

/** Every file of the framework that is not as shipped, by content and mode; for doctor. */
export async function frameworkDrift(ctx: Context): Promise<FrameworkDrift[]> {
  const survey = await surveyFramework(ctx, await readInstallRecord(ctx));
  return survey.flatMap(({ path, state, bytes }) => {
    // A former file that was edited is the site's own by now.
    if (state === "current" || (bytes === undefined && isForeign(state))) return [];
    const file = `${ctx.paths.config}/${path}`;
    // Every command that needs the tools writes what is missing and mends modes.
    const isMended = state === "missing" || state === "mode";
    const moveAway = `mv ${shellWord(file)} ${shellWord(`${file}.mine`)} && `;
    return [{ file, state, fix: `${isMended ? "" : moveAway}mosaic fleet start` }];
  });
}

function isForeign(state: FileState): boolean {
  return state === "edited" || state === "link";
}

function plan(survey: readonly SurveyedFile[], force: boolean) {
  const shipped = survey.filter(({ bytes }) => bytes !== undefined);
  const former = survey.filter(({ bytes }) => bytes === undefined);
  return {
    toWrite: shipped.filter(({ state }) => state !== "current" && (force || !isForeign(state))),
    // Not even force removes what a site edited.
    toRemove: former.filter(({ state }) => !isForeign(state)),
    kept: shipped.filter(({ state }) => isForeign(state) && !force),
  };
}

function isCurrent({ host }: Context, record: InstallRecord): boolean {
  return (
    record.pending === undefined && record.version === host.version && record.commit === host.commit
  );
}

async function isComplete(ctx: Context, record: InstallRecord): Promise<boolean> {
  for (const path of new Set([...Object.keys(record.files), ...record.kept])) {
    const info = await ctx.files.stat(`${ctx.paths.config}/${path}`);
    const isFit = info?.kind === "file" && hasRightMode(path, info.mode);
    if (info === undefined || (!isFit && !record.kept.includes(path))) return false;
  }
  return true;
}

function hashes(files: readonly SurveyedFile[]): Record<string, string> {
  return Object.fromEntries(files.map(({ path, sha256 }) => [path, sha256]));
}

const nothing: InstallRecord = {
  schemaVersion: 1,
  version: "",
  commit: "",
  installedAt: 0,
  files: {},
  kept: [],
};

/** The record before the first write: from now on the old hash or the new one may be there. */
function announce(
  record: InstallRecord | undefined,
  toWrite: readonly SurveyedFile[],
): InstallRecord {
  const before = record ?? nothing;
  const pending = Object.fromEntries(
    toWrite.map(({ path, sha256 }) => [path, [...(before.pending?.[path] ?? []), sha256]]),
  );
  return { ...before, pending: { ...before.pending, ...pending } };
}

interface Conclusion {
  record: InstallRecord | undefined;
  survey: readonly SurveyedFile[];
  kept: string[];
}

function conclude(ctx: Context, { record, survey, kept }: Conclusion): InstallRecord {
  const ours = survey.filter(({ path, bytes }) => bytes !== undefined && !kept.includes(path));
  const known = kept.flatMap((path) => {
    const sha256 = record?.files[path];
    return sha256 === undefined ? [] : [[path, sha256] as const];
  });
  return {
    schemaVersion: 1,
    version: ctx.host.version,
    commit: ctx.host.commit,
    installedAt: ctx.clock.now(),
    files: { ...Object.fromEntries(known), ...hashes(ours) },
    kept,
  };
}

/** But for its date. */
function isSame(record: InstallRecord | undefined, concluded: InstallRecord): boolean {
  return (
    record !== undefined &&
    Bun.deepEquals({ ...record, installedAt: concluded.installedAt }, concluded)
  );
}
