// The proof that an update lost nothing: hashes of everything that a site owns (roster, configuration, env files,
// secrets, rows of databases), taken before and after, and compared.
import type { Context } from "../context.ts";
import { sha256Hex } from "../domain/hash.ts";
import type { Manifest } from "../domain/manifest.ts";
import { stateDatabase } from "../domain/names.ts";
import { AppError } from "../errors.ts";
import { loadRoster } from "../fleet/load-roster.ts";
import { readInstallRecord } from "../fleet/install-record.ts";
import { hookSite } from "../hooks/site.ts";
import { type Columns, gatewayTables, tablesOf } from "./tables.ts";

/** Below the data folder, but an installation's and no data. */
const notData = /^(versions|mosaic|previous|receipt\.json|update\.(lock|json)|\..*)(\/|$)/;

/**
 * Hashes of all that is there now; what cannot be read is in it with the reason in place of its hash. With the one of before,
 * a row is hashed by the columns that it had then: one that a migration adds changes nothing that was there.
 */
export async function takeManifest(
  ctx: Context,
  { columns }: { columns: Columns } = { columns: {} },
): Promise<Manifest> {
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
  const manifest: Manifest = { files: {}, tables: {}, columns: {} };
  const add = (found: Pick<Manifest, "tables" | "columns">): void => {
    Object.assign(manifest.tables, found.tables);
    Object.assign(manifest.columns, found.columns);
  };
  for (const file of new Set(files)) {
    if (/-(wal|shm|journal)$|\.(lock|sock)$/.test(file)) continue;
    if (file.endsWith(".db")) add(await tablesOf(ctx, file, columns));
    else manifest.files[file] = await hashOf(ctx, file);
  }
  add(await tablesOf(ctx, stateDatabase(ctx.paths), columns));
  add(await gatewayTables(ctx, columns));
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
