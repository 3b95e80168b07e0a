// Which schema the gateway's store has, and whether this version knows it. Looks, and migrates nothing.
import type { Context, SqlServer } from "../context.ts";
import { gatewayDatabase } from "./files.ts";
import type { GatewaySettings } from "./settings.ts";
import { currentVersion, refuseNewer } from "./store/migrate.ts";

/** The store of the tier in force; undefined when there is none yet. Throws AppError when its server cannot be reached. */
export async function findGatewayStore(
  ctx: Context,
  { tier, databaseUrl }: Pick<GatewaySettings, "tier" | "databaseUrl">,
): Promise<SqlServer | undefined> {
  if (tier === "team") {
    return databaseUrl === undefined ? undefined : await ctx.connectPostgres(databaseUrl.reveal());
  }
  const file = gatewayDatabase(ctx.paths);
  return (await ctx.files.stat(file)) === undefined ? undefined : await ctx.openSqlServer(file);
}

/** undefined when there is no store, or an empty one. Throws AppError also when a newer mosaic wrote it. */
export async function knownGatewaySchema(
  ctx: Context,
  settings: Pick<GatewaySettings, "tier" | "databaseUrl">,
): Promise<number | undefined> {
  const version = await gatewaySchema(ctx, settings);
  if (version !== undefined) refuseNewer(version);
  return version;
}

/** The same without a judgement. */
export async function gatewaySchema(
  ctx: Context,
  settings: Pick<GatewaySettings, "tier" | "databaseUrl">,
): Promise<number | undefined> {
  await using sql = await findGatewayStore(ctx, settings);
  const version = sql === undefined ? 0 : await currentVersion(sql);
  return version === 0 ? undefined : version;
}
