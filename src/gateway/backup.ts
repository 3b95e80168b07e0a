// A copy of the gateway's store in one SQLite file, made while it is in use. It holds hashes of passwords and tokens, and
// neither of the two; messages stand in it as they are. What is put back is in restore.ts.
import type { Context, SqlServer } from "../context.ts";
import { AppError, exitCodes, usageError } from "../errors.ts";
import { openSql } from "./admin.ts";
import { backupFolder } from "./files.ts";
import { backUpDatabase, isDamage, makeWhole } from "./backup-file.ts";
import { atOneMoment, copyStore, sumStore, type TableSum } from "./store/copy.ts";
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
    await makeWhole(ctx, path, async (part) => {
      await using file = await ctx.openSqlServer(part);
      await migrate(file);
      await atOneMoment(sql, (frozen) => copyStore(frozen, file));
    });
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

/** Its tables. Checks it page by page and counts what it holds; never changes it. Throws AppError for what is no whole backup. */
export async function readBackup(ctx: Context, path: string): Promise<TableSum[]> {
  return await withBackup(ctx, path, sumStore);
}

/** The same, for another use of what it holds, brought up to the schema of this version. */
export async function withBackup<T>(
  ctx: Context,
  path: string,
  use: (sql: SqlServer) => Promise<T>,
): Promise<T> {
  if ((await ctx.files.stat(path)) === undefined) throw usageError(`there is no file ${path}`);
  // A copy: opening it changes the file, and so does its migration.
  const copy = `${backupFolder(ctx.paths)}/.verify-${ctx.randomHex(8)}.db`;
  try {
    await copyFile(ctx, path, copy);
    await using sql = await ctx.openSqlServer(copy);
    const [whole] = await sql.all("PRAGMA integrity_check");
    if (whole?.["integrity_check"] !== "ok" || (await currentVersion(sql)) === 0) {
      throw noBackup(path);
    }
    await migrate(sql);
    return await use(sql);
  } catch (error) {
    // Of the copy, which is gone, nobody wants to hear.
    throw isDamage(error) ? noBackup(path, error) : error;
  } finally {
    for (const suffix of ["", "-wal", "-shm"]) await ctx.files.remove(`${copy}${suffix}`);
  }
}

function noBackup(path: string, cause?: AppError): AppError {
  return new AppError(`${path} is damaged, or no backup of a gateway`, {
    hint: "mosaic gateway backup create writes one",
    cause,
  });
}

export async function copyFile(ctx: Context, from: string, to: string): Promise<void> {
  const bytes = await ctx.files.readBytes(from);
  if (bytes === undefined) throw usageError(`there is no file ${from}`);
  await ctx.files.write(to, bytes, 0o600);
}

/** For people, or as JSON with a schemaVersion. */
export function tellSums(
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
