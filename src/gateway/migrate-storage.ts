// `mosaic gateway storage migrate --to team`: everything of the local store into the team's PostgreSQL, proven by hashes of all
// rows. Cut off at any moment, it is finished by doing it again; the local store stays as it is.
import type { Context } from "../context.ts";
import { setInConfig } from "../domain/config-edit.ts";
import { configFile } from "../domain/names.ts";
import { exitCodes, usageError } from "../errors.ts";
import { lockedOut } from "./contact.ts";
import { writeGivenSecrets } from "./given-secrets.ts";
import { gatewayDatabase } from "./files.ts";
import { openGatewayStore } from "./open-store.ts";
import { gatewaySettings } from "./settings.ts";
import { copyStore } from "./store/copy.ts";
import { claimTarget, markWhole } from "./take-over.ts";

/** Exit code 0 when both hold the same. Throws AppError: exit 2 without URLs, 4 when the gateway runs or the target is in use. */
export async function migrateStorage(ctx: Context, { to }: { to: string }): Promise<number> {
  if (to !== "team") throw usageError("--to takes team", "mosaic gateway storage migrate --help");
  const settings = await gatewaySettings(ctx, { "gateway.storageTier": "team" });
  const { databaseUrl } = settings;
  if (databaseUrl === undefined) throw new Error("the tier team without a database");
  const path = gatewayDatabase(ctx.paths);
  if ((await ctx.files.stat(path)) === undefined) {
    throw usageError(`there is no local store to take over: ${path}`, "mosaic gateway install");
  }
  // Nobody may write to it meanwhile.
  using _ = await lockedOut(ctx);
  await using local = (await openGatewayStore(ctx, { tier: "local", databaseUrl: undefined })).sql;
  await using team = (await openGatewayStore(ctx, { tier: "team", databaseUrl })).sql;
  if ((await claimTarget(ctx, { from: local, to: team })) === "whole") {
    ctx.io.err(
      "this store was taken over into that database before; what changed there since stays\n",
    );
    return await useTeam(ctx, path);
  }
  const sums = await copyStore(local, team, (table, rows) => ctx.io.progress(`${table}: ${rows}`));
  ctx.io.progress("");
  await markWhole(ctx, team);
  for (const { name, rows, sha256 } of sums) {
    ctx.io.out(
      `${name.padEnd(10)} ${String(rows).padStart(8)} rows  ${sha256.slice(0, 16)}  same in both\n`,
    );
  }
  return await useTeam(ctx, path);
}

/** From now on the gateway runs on the team's; also when we were ended behind the copy and before this. */
async function useTeam(ctx: Context, path: string): Promise<number> {
  await writeGivenSecrets(ctx, ["gateway.databaseUrl", "gateway.valkeyUrl"]);
  const file = configFile(ctx.paths);
  const before = await ctx.files.readText(file);
  await ctx.files.write(file, setInConfig(before, "gateway.storageTier", "team"), 0o600);
  ctx.io.err(`the tier is team now; the local store stays: ${path}\nnext: mosaic gateway start\n`);
  return exitCodes.ok;
}
