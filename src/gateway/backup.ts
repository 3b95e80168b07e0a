// A copy of the gateway's store in one SQLite file, made while it is in use. It holds hashes of passwords and tokens, and
// neither of the two; messages stand in it as they are.
import type { Context, SqlServer } from "../context.ts";
import { AppError, exitCodes, usageError } from "../errors.ts";
import { openSql } from "./admin.ts";
import { isRunning } from "./contact.ts";
import { backupFolder, gatewayDatabase } from "./files.ts";
import { backUpDatabase } from "./backup-file.ts";
import { gatewaySettings } from "./settings.ts";
import { copyStore, isUsed, sumStore, type TableSum } from "./store/copy.ts";
import { currentVersion, migrate } from "./store/migrate.ts";

/** Writes a new file, 0600, and proves it; of a team's PostgreSQL as of SQLite. Throws AppError. */
export async function createBackup(
  ctx: Context,
  { output, json }: { output: string | undefined; json: boolean },
): Promise<number> {
  await using sql = await openSql(ctx);
  const stamp = new Date(ctx.clock.now()).toISOString().replaceAll(/[-:]|\.\d+/g, "");
  const path = output ?? `${backupFolder(ctx.paths)}/gateway-${stamp}.db`;
  if ((await ctx.files.stat(path)) !== undefined) {
    throw new AppError(`there is a file ${path}`, {
      exitCode: exitCodes.refused,
      hint: "--output",
    });
  }
  if (sql.engine === "sqlite") await backUpDatabase(ctx, sql, path);
  else {
    await using file = await ctx.openSqlServer(path);
    await migrate(file);
    await copyStore(sql, file);
  }
  tellSums(ctx, { path, sums: await readBackup(ctx, path), json });
  return 0;
}

/** Exit code 0 for a whole backup that this mosaic can restore. Throws AppError otherwise. */
export async function verifyBackup(
  ctx: Context,
  { path, json }: { path: string; json: boolean },
): Promise<number> {
  tellSums(ctx, { path, sums: await readBackup(ctx, path), json });
  return 0;
}

/** Puts a backup in the place of what is there, of which a backup is made first. The gateway must not run. */
export async function restoreBackup(
  ctx: Context,
  { path, yes }: { path: string; yes: boolean },
): Promise<number> {
  const settings = await gatewaySettings(ctx);
  const sums = await readBackup(ctx, path);
  if (await isRunning(ctx)) {
    throw new AppError("the gateway runs", {
      exitCode: exitCodes.refused,
      hint: "mosaic gateway stop",
    });
  }
  await confirm(ctx, yes);
  if (settings.tier === "local") await replaceFile(ctx, path);
  else await fillEmpty(ctx, path);
  tellSums(ctx, { path, sums, json: false });
  ctx.io.err("restored; next: mosaic gateway start\n");
  return 0;
}

/** Checks it page by page and counts what it holds; never changes it. */
async function readBackup(ctx: Context, path: string): Promise<TableSum[]> {
  if ((await ctx.files.stat(path)) === undefined) throw usageError(`there is no file ${path}`);
  // A copy: opening it changes the file, and so does its migration.
  const copy = `${backupFolder(ctx.paths)}/.verify-${ctx.randomHex(8)}.db`;
  try {
    await copyFile(ctx, path, copy);
    await using sql = await ctx.openSqlServer(copy);
    const [whole] = await sql.all("PRAGMA integrity_check");
    if (whole?.["integrity_check"] !== "ok" || (await currentVersion(sql)) === 0) {
      throw new AppError(`${path} is damaged, or no backup of a gateway`);
    }
    await migrate(sql);
    return await sumStore(sql);
  } finally {
    for (const suffix of ["", "-wal", "-shm"]) await ctx.files.remove(`${copy}${suffix}`);
  }
}

async function replaceFile(ctx: Context, path: string): Promise<void> {
  const target = gatewayDatabase(ctx.paths);
  if ((await ctx.files.stat(target)) !== undefined) {
    await using sql = await ctx.openSqlServer(target);
    const kept = `${backupFolder(ctx.paths)}/before-restore-${ctx.clock.now()}.db`;
    await backUpDatabase(ctx, sql, kept);
    ctx.io.err(`kept what was there: ${kept}\n`);
  }
  // The log of the former file must not be played into the new one (sqlite.org/wal.html).
  for (const suffix of ["-wal", "-shm"]) await ctx.files.remove(`${target}${suffix}`);
  await copyFile(ctx, path, target);
}

async function fillEmpty(ctx: Context, path: string): Promise<void> {
  await using sql = await openSql(ctx);
  await refuseUsed(sql);
  await using file = await ctx.openSqlServer(path);
  await migrate(file);
  await copyStore(file, sql);
}

async function refuseUsed(sql: SqlServer): Promise<void> {
  if (!(await isUsed(sql))) return;
  throw new AppError("the team's database holds accounts already", {
    exitCode: exitCodes.refused,
    hint: "name an empty database in MOSAIC_DATABASE_URL",
  });
}

async function copyFile(ctx: Context, from: string, to: string): Promise<void> {
  const bytes = await ctx.files.readBytes(from);
  if (bytes === undefined) throw usageError(`there is no file ${from}`);
  await ctx.files.write(to, bytes, 0o600);
}

async function confirm(ctx: Context, yes: boolean): Promise<void> {
  if (yes) return;
  const what = "this replaces the accounts, sessions and tokens of the gateway";
  if (!ctx.io.stdinIsTty) throw usageError(`${what} and needs --yes here`);
  if (!(await ctx.io.confirm(`${what}. Go on?`))) {
    throw new AppError("nothing was changed", { exitCode: exitCodes.refused });
  }
}

function tellSums(
  ctx: Context,
  { path, sums, json }: { path: string; sums: readonly TableSum[]; json: boolean },
): void {
  if (json) {
    ctx.io.out(`${JSON.stringify({ schemaVersion: 1, path, tables: sums }, null, 2)}\n`);
    return;
  }
  ctx.io.out(`${path}\n`);
  for (const { name, rows, sha256 } of sums) {
    ctx.io.out(`  ${name.padEnd(10)} ${String(rows).padStart(8)} rows  ${sha256.slice(0, 16)}\n`);
  }
}
