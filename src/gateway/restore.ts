// A backup in the place of the gateway's store. What was there is kept, be it damaged: that is when backups are wanted.
import type { Context, SqlServer } from "../context.ts";
import { AppError, exitCodes, usageError } from "../errors.ts";
import { openSql } from "./admin.ts";
import { copyFile, readBackup, tellSums, withBackup } from "./backup.ts";
import { backUpDatabase, isDamage, makeWhole } from "./backup-file.ts";
import { lockedOut, mustNotRun } from "./contact.ts";
import { backupFolder, gatewayDatabase } from "./files.ts";
import { gatewaySettings } from "./settings.ts";
import { copyStore, isUsed } from "./store/copy.ts";

/** Exit code 0 once it is there. Throws AppError: exit 4 while the gateway runs, or for a team's database that is in use. */
export async function restoreBackup(
  ctx: Context,
  { path, yes }: { path: string; yes: boolean },
): Promise<number> {
  const settings = await gatewaySettings(ctx);
  const sums = await readBackup(ctx, path);
  await mustNotRun(ctx);
  await confirm(ctx, yes);
  // Nobody knows how long the answer took: from here on no gateway begins.
  using _ = await lockedOut(ctx);
  if (settings.tier === "local") await replaceFile(ctx, path);
  else await fillEmpty(ctx, path);
  tellSums(ctx, { path, sums, json: false });
  ctx.io.err("restored; next: mosaic gateway start\n");
  return exitCodes.ok;
}

async function replaceFile(ctx: Context, path: string): Promise<void> {
  const target = gatewayDatabase(ctx.paths);
  await makeWhole(ctx, target, async (part) => {
    // First what may fail: a disk that is full leaves what is there.
    await copyFile(ctx, path, part);
    if ((await ctx.files.stat(target)) === undefined) return;
    ctx.io.err(`kept what was there: ${await keep(ctx, target)}\n`);
    // The log of the former file must not be played into the new one (sqlite.org/wal.html).
    for (const suffix of ["-wal", "-shm"]) await ctx.files.remove(`${target}${suffix}`);
  });
}

/** Where it is now. */
async function keep(ctx: Context, target: string): Promise<string> {
  const kept = `${backupFolder(ctx.paths)}/before-restore-${ctx.clock.now()}.db`;
  try {
    await using sql = await ctx.openSqlServer(target);
    await backUpDatabase(ctx, sql, kept);
    return kept;
  } catch (error) {
    if (!isDamage(error)) throw error;
    return `${await ctx.setDatabaseAside(target)} (it is damaged)`;
  }
}

async function fillEmpty(ctx: Context, path: string): Promise<void> {
  await using sql = await openSql(ctx);
  await refuseUsed(sql);
  await withBackup(ctx, path, async (file) => void (await copyStore(file, sql)));
}

async function refuseUsed(sql: SqlServer): Promise<void> {
  if (!(await isUsed(sql))) return;
  throw new AppError("the team's database holds accounts already", {
    exitCode: exitCodes.refused,
    hint: "name an empty database in MOSAIC_DATABASE_URL",
  });
}

async function confirm(ctx: Context, yes: boolean): Promise<void> {
  if (yes) return;
  const what = "this replaces the accounts, sessions and tokens of the gateway";
  if (!ctx.io.stdinIsTty) throw usageError(`${what} and needs --yes here`);
  if (!(await ctx.io.confirm(`${what}. Go on?`))) {
    throw new AppError("nothing was changed", { exitCode: exitCodes.refused });
  }
}
