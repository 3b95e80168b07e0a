// The gateway's store of the tier in force, up to date.
import type { Context, SqlServer } from "../context.ts";
import { mustOwn } from "../config/own-folders.ts";
import { backUpDatabase } from "./backup-file.ts";
import { backupFolder, gatewayDatabase, ownFolders } from "./files.ts";
import type { GatewaySettings } from "./settings.ts";
import { migrate } from "./store/migrate.ts";

export interface OpenedStore {
  sql: SqlServer;
  schemaVersion: number;
}

/** Connects and migrates; an SQLite file is copied before a migration. Throws AppError when a newer mosaic wrote it. */
export async function openGatewayStore(
  ctx: Context,
  settings: Pick<GatewaySettings, "tier" | "databaseUrl">,
): Promise<OpenedStore> {
  await mustOwn(ctx, ownFolders(ctx.paths));
  const sql = await connect(ctx, settings);
  try {
    const schemaVersion = await migrate(sql, {
      backUp: async (version) => {
        if (sql.engine !== "sqlite") return;
        const name = `before-schema-${version + 1}-${ctx.clock.now()}.db`;
        await backUpDatabase(ctx, sql, `${backupFolder(ctx.paths)}/${name}`);
      },
    });
    return { sql, schemaVersion };
  } catch (error) {
    await sql[Symbol.asyncDispose]();
    throw error;
  }
}

async function connect(
  ctx: Context,
  { tier, databaseUrl }: Pick<GatewaySettings, "tier" | "databaseUrl">,
): Promise<SqlServer> {
  if (tier === "local") return await ctx.openSqlServer(gatewayDatabase(ctx.paths));
  if (databaseUrl === undefined) throw new Error("the tier team without a database");
  return await ctx.connectPostgres(databaseUrl.reveal());
}
