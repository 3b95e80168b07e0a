// install.json: which files of the framework this program wrote, so that an update can tell "ours" from "edited".
import type { Context } from "../context.ts";

export interface InstallRecord {
  schemaVersion: 1;
  /** Of the program that wrote the files. */
  version: string;
  commit: string;
  /** Epoch milliseconds. */
  installedAt: number;
  /** SHA-256 of what we wrote last, by path below the config folder. */
  files: Readonly<Record<string, string>>;
  /** Files of the framework that a site changed and that were left alone. */
  kept: readonly string[];
  /** What is being written right now. Still there after interruptions, when any of the hashes may be on the disk. */
  pending?: Readonly<Record<string, readonly string[]>>;
}

/** Where the record is. */
export function installRecordFile(paths: Context["paths"]): string {
  return `${paths.config}/install.json`;
}

/** The record; undefined when there is none, or none that can be read: all files then count as never recorded. */
export async function readInstallRecord(ctx: Context): Promise<InstallRecord | undefined> {
  const text = await ctx.files.readText(installRecordFile(ctx.paths));
  try {
    const record: unknown = JSON.parse(text ?? "null");
    return isRecord(record) ? record : undefined;
  } catch {
    // Not JSON. What is lost is the knowledge of which files are ours, and they are then kept, never overwritten.
    return undefined;
  }
}

/** Replaces the record; one of a newer mosaic stays, since what this one does not know would be lost. */
export async function writeInstallRecord(ctx: Context, record: InstallRecord): Promise<void> {
  const present = await ctx.files.readText(installRecordFile(ctx.paths));
  const schemaVersion = Number(/"schemaVersion":\s*(\d+)/.exec(present ?? "")?.[1] ?? 0);
  if (schemaVersion > record.schemaVersion) return;
  await ctx.files.write(
    installRecordFile(ctx.paths),
    `${JSON.stringify(record, null, 2)}\n`,
    0o644,
  );
}

function isRecord(value: unknown): value is InstallRecord {
  if (value === null || typeof value !== "object" || !("schemaVersion" in value)) return false;
  const { files, kept, pending } = { files: null, kept: null, pending: {}, ...value };
  return (
    value.schemaVersion === 1 &&
    isMap(files) &&
    isMap(pending) &&
    Object.values(pending).every(Array.isArray) &&
    Array.isArray(kept)
  );
}

function isMap(value: unknown): boolean {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}
