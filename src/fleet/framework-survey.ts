// Compares the framework in this program with what lies in the config folder. Looks, and changes nothing.
import type { Context, FileInfo } from "../context.ts";
import { sha256Hex } from "../domain/hash.ts";
import type { InstallRecord } from "./install-record.ts";

/**
 * current: as shipped · missing · old: ours, of another version · mode: as shipped, but not executable or writable by
 * others · edited: changed by a person, or there before us · link: a symlink or a folder in the place of the file.
 */
export type FileState = "current" | "missing" | "old" | "mode" | "edited" | "link";

export interface SurveyedFile {
  /** Below the config folder, and below framework/ too. */
  path: string;
  state: FileState;
  /** What is shipped; undefined when this version ships the file no more. */
  bytes?: Uint8Array;
  /** SHA-256 of bytes; empty when there are none. */
  sha256: string;
}

/**
 * Whether a file of framework/ is copied into the config folder: what is run or read there, and nothing else. Units go
 * to systemd's folder and completions into the shell, each by its own command; a second copy here would only be mistaken
 * for the one in use.
 */
export function isExtracted(path: string): boolean {
  return ["fleet/", "tools/", "hooks/"].some((folder) => path.startsWith(folder));
}

/** Mode of an extracted file: the binary's own copy has lost it (every embedded file is 0644). */
export function modeOf(path: string): number {
  return path.endsWith(".sh") ? 0o755 : 0o644;
}

/** Every file that is shipped, and every file that we wrote once and that is shipped no more. */
export async function surveyFramework(
  ctx: Context,
  record: InstallRecord | undefined,
): Promise<SurveyedFile[]> {
  const shipped = (await ctx.assets.list()).filter(isExtracted);
  const former = Object.keys({ ...record?.files, ...record?.pending }).filter(
    (path) => !shipped.includes(path),
  );
  const surveyed: SurveyedFile[] = [];
  for (const path of shipped) {
    const bytes = await ctx.assets.read(path);
    const sha256 = sha256Hex(bytes);
    surveyed.push({ path, bytes, sha256, state: await look(ctx, { path, sha256, record }) });
  }
  for (const path of former) {
    const state = await look(ctx, { path, sha256: "", record });
    if (state !== "missing") surveyed.push({ path, sha256: "", state });
  }
  return surveyed;
}

/** What is true of a file on the disk, as far as the judgement needs it. */
export interface FileFacts {
  /** undefined when it is not there. */
  info: Pick<FileInfo, "kind" | "mode"> | undefined;
  /** SHA-256 of its contents; undefined when it is no plain file. */
  onDisk: string | undefined;
  /** SHA-256 of what this version ships; empty when it ships the file no more. */
  shipped: string;
  /** Every hash that we may have written there. */
  ours: readonly string[];
}

/** The state of one file. Pure. */
export function judgeFile(path: string, { info, onDisk, shipped, ours }: FileFacts): FileState {
  if (info === undefined) return "missing";
  if (info.kind !== "file" || onDisk === undefined) return "link";
  if (onDisk === shipped) return hasRightMode(path, info.mode) ? "current" : "mode";
  return ours.includes(onDisk) ? "old" : "edited";
}

/** Executable where it has to be, and writable by nobody else. A stricter umask than ours is fine. */
export function hasRightMode(path: string, mode: number): boolean {
  const isExecutable = (mode & 0o100) !== 0;
  return (mode & 0o022) === 0 && isExecutable === (modeOf(path) === 0o755);
}

interface Lookup {
  path: string;
  sha256: string;
  record: InstallRecord | undefined;
}

async function look(ctx: Context, { path, sha256, record }: Lookup): Promise<FileState> {
  const file = `${ctx.paths.config}/${path}`;
  const info = await ctx.files.stat(file);
  const bytes = info?.kind === "file" ? await ctx.files.readBytes(file) : undefined;
  const ours = [record?.files[path] ?? [], record?.pending?.[path] ?? []].flat();
  const onDisk = bytes === undefined ? undefined : sha256Hex(bytes);
  return judgeFile(path, { info, onDisk, shipped: sha256, ours });
}
