// The proof that an update lost nothing: hashes of everything that a site owns (roster, configuration, env files,
// secrets, rows of databases), taken before and after, and compared.
import type { Context, Database, SqlRow } from "../context.ts";
import { sha256Hex } from "../domain/hash.ts";
import { type Manifest, type TableHashes } from "../domain/manifest.ts";
import { stateDatabase } from "../domain/names.ts";
import { AppError } from "../errors.ts";
import { keptMs } from "../store/messages.ts";
import { loadRoster } from "../fleet/load-roster.ts";
import { readInstallRecord } from "../fleet/install-record.ts";
import { hookSite } from "../hooks/site.ts";

const hourMs = 60 * 60 * 1000;

/** Below the data folder, but an installation's and no data. */
const notData = /^(versions|mosaic|previous|receipt\.json|update\.(lock|json)|\..*)(\/|$)/;

/** Hashes of all that is there now; what cannot be read is in it with the reason in place of its hash. */
export async function takeManifest(ctx: Context): Promise<Manifest> {
  const { config, data, state } = ctx.paths;
  const ours = new Set(Object.keys((await readInstallRecord(ctx))?.files ?? {}));
  // What was extracted from the executable changes with it; what a site made of it does not.
  const isOurs = (path: string) =>
    path === "install.json" || ours.has(path) || `${config}/${path}`.startsWith(`${state}/`);
  const files = [
    ...(await filesBelow(ctx, config))
      .filter((path) => !isOurs(path))
      .map((path) => `${config}/${path}`),
    ...(await filesBelow(ctx, data))
      .filter((path) => !notData.test(path))
      .map((path) => `${data}/${path}`),
    ...(await envFiles(ctx)),
    ...(await claudeFiles(ctx)),
  ];
  const manifest: Manifest = { files: {}, tables: {} };
  for (const file of new Set(files)) {
    if (/-(wal|shm|journal)$|\.(lock|sock)$/.test(file)) continue;
    if (file.endsWith(".db")) Object.assign(manifest.tables, await tablesOf(ctx, file));
    else manifest.files[file] = await hashOf(ctx, file);
  }
  Object.assign(manifest.tables, await tablesOf(ctx, stateDatabase(ctx.paths)));
  return manifest;
}

async function hashOf(ctx: Context, file: string): Promise<string> {
  const info = await ctx.files.stat(file);
  const bytes = info?.kind === "file" ? await ctx.files.readBytes(file) : undefined;
  if (info === undefined) return "not there";
  const link = info.kind === "symlink" ? await ctx.files.readLink(file) : undefined;
  return `${sha256Hex(bytes ?? link ?? info.kind)} ${info.mode.toString(8).padStart(4, "0")}`;
}

/** Paths below a folder, relative to it. Follows no link. */
async function filesBelow(ctx: Context, folder: string): Promise<string[]> {
  if ((await ctx.files.stat(folder))?.kind !== "directory") return [];
  const found: string[] = [];
  for (const name of await ctx.files.list(folder)) {
    const isFolder = (await ctx.files.stat(`${folder}/${name}`))?.kind === "directory";
    // Only the top: thousands of executables' bytes are no configuration.
    if (isFolder && name === "versions") continue;
    const below = isFolder ? await filesBelow(ctx, `${folder}/${name}`) : undefined;
    found.push(...(below?.map((path) => `${name}/${path}`) ?? [name]));
  }
  return found;
}

/** Secrets may lie anywhere. */
async function envFiles(ctx: Context): Promise<string[]> {
  try {
    const { agents } = await loadRoster(ctx);
    return agents.flatMap(({ envFile }) => (envFile === undefined ? [] : [envFile]));
  } catch (error) {
    // No roster, or one with faults: it names no file that anybody could use.
    if (error instanceof AppError) return [];
    throw error;
  }
}

/** Claude Code's settings, in which our hooks stand, and which of them are on. */
async function claudeFiles(ctx: Context): Promise<string[]> {
  try {
    const { settings, config } = hookSite(ctx);
    const present = await Promise.all([settings, config].map((file) => ctx.files.stat(file)));
    return [settings, config].filter((_, index) => present[index] !== undefined);
  } catch (error) {
    // A CLAUDE_HOME that is no path holds no file.
    if (error instanceof AppError) return [];
    throw error;
  }
}

/** Every table of an SQLite file: the hash of each row by its key. */
async function tablesOf(ctx: Context, file: string): Promise<Record<string, TableHashes>> {
  using database = await ctx.openDatabase(file, { create: false });
  if (database === undefined) return {};
  const names = database.all(
    "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name",
  );
  return Object.fromEntries(
    names.map(({ name }) => [`${file} ${name}`, rowsOf(database, String(name), ctx.clock.now())]),
  );
}

function rowsOf(database: Database, table: string, now: number): TableHashes {
  const quoted = `"${table.replaceAll('"', '""')}"`;
  const keys = database
    .all(`PRAGMA table_info(${quoted})`)
    .filter(({ pk }) => Number(pk) > 0)
    .map(({ name }) => String(name));
  const rows = database.all(`SELECT * FROM ${quoted}`).filter((row) => !isPassing(row, now));
  const keyOf = (row: SqlRow, index: number) =>
    keys.length === 0 ? `#${index}` : JSON.stringify(keys.map((key) => row[key]));
  return Object.fromEntries(
    rows.map((row, index) => [keyOf(row, index), sha256Hex(JSON.stringify(row))]),
  );
}

/** Sessions end and old messages are dropped, update or not: what is about to go by itself is no loss. */
function isPassing(row: SqlRow, now: number): boolean {
  const { expires_at: expiresAt, created_at: createdAt, at } = row;
  const isEnding = typeof expiresAt === "number" && expiresAt < now + hourMs;
  const bornAt = createdAt ?? at;
  return isEnding || (typeof bornAt === "number" && bornAt < now + hourMs - keptMs);
}
