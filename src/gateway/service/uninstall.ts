// `mosaic gateway uninstall`: stops it and removes its unit; with --purge also its data and its secrets.
import type { Context } from "../../context.ts";
import { secretFile, settingKeys, settings } from "../../domain/settings.ts";
import { AppError, exitCodes, usageError } from "../../errors.ts";
import { isUntouched } from "../../supervisors/systemd/sync.ts";
import { isRunning } from "../contact.ts";
import { backupFolder, contactFile, gatewayDatabase, gatewayUnit, lockFile } from "../files.ts";
import { findService } from "./manager.ts";
import { systemctl, type UnitKind } from "./systemctl.ts";
import { installedUnits } from "./unit.ts";

export interface UninstallOptions {
  /** Also accounts, tokens, the copy of messages, the audit, backups and secrets. */
  purge: boolean;
  yes: boolean;
  dryRun: boolean;
}

/** Exit code 0 when all is gone, or was not there. Throws AppError, exit 1, while a gateway runs that is not the unit's. */
export async function uninstallGateway(ctx: Context, options: UninstallOptions): Promise<number> {
  const { ours, kept, kinds } = await present(ctx, options);
  if (options.dryRun) {
    for (const path of ours) ctx.io.out(`would remove  ${path}\n`);
    for (const path of kept) ctx.io.out(`would keep  ${path} (edited by hand)\n`);
    return exitCodes.ok;
  }
  await confirm(ctx, options);
  const service = await findService(ctx);
  const hasUnit = service.kind !== "none" && kinds.includes(service.kind);
  if (hasUnit) {
    await systemctl(service, "disable", "--now", "--quiet", gatewayUnit);
  }
  if (await isRunning(ctx)) {
    throw new AppError("nothing was removed, because a gateway of this home runs", {
      hint: `end it first: its pid stands in ${contactFile(ctx.paths)}`,
    });
  }
  for (const path of ours) {
    await ctx.files.remove(path);
    ctx.io.out(`removed  ${path}\n`);
  }
  for (const path of kept) ctx.io.out(`kept  ${path} (edited by hand)\n`);
  if (hasUnit) await systemctl(service, "daemon-reload");
  const database = gatewayDatabase(ctx.paths);
  if (!options.purge && (await ctx.files.stat(database)) !== undefined) {
    ctx.io.err(`kept the data: ${database}\n  hint: --purge removes it too\n`);
  }
  return exitCodes.ok;
}

async function present(
  ctx: Context,
  { purge }: UninstallOptions,
): Promise<{ ours: string[]; kept: string[]; kinds: UnitKind[] }> {
  const ours: string[] = [];
  const kept: string[] = [];
  const kinds: UnitKind[] = [];
  for (const { kind, path, text, link, home } of await installedUnits(ctx)) {
    // That of another home of this user is its own.
    if (home !== ctx.paths.config) continue;
    const isOurs = isUntouched(text) || purge;
    (isOurs ? ours : kept).push(path);
    if (isOurs) kinds.push(kind);
    if ((await ctx.files.stat(link)) !== undefined) ours.push(link);
  }
  const database = gatewayDatabase(ctx.paths);
  const secrets = settingKeys
    .filter((key) => key.startsWith("gateway.") && settings[key].isSecret)
    .map((key) => secretFile(ctx.paths, key));
  const data = [
    database,
    `${database}-wal`,
    `${database}-shm`,
    backupFolder(ctx.paths),
    ...secrets,
  ];
  const runtime = [contactFile(ctx.paths), lockFile(ctx.paths)];
  for (const path of [...(purge ? data : []), ...runtime]) {
    if ((await ctx.files.stat(path)) !== undefined) ours.push(path);
  }
  return { ours, kept, kinds };
}

async function confirm(ctx: Context, { purge, yes }: UninstallOptions): Promise<void> {
  if (yes) return;
  const what = purge ? "the gateway, its accounts, tokens and secrets" : "the gateway's service";
  const command = `mosaic gateway uninstall${purge ? " --purge" : ""} --yes`;
  if (!ctx.io.stdinIsTty) throw usageError(`this removes ${what} and needs --yes here`, command);
  if (!(await ctx.io.confirm(`Stop and remove ${what}?`))) {
    throw new AppError("nothing was removed", { exitCode: exitCodes.refused });
  }
}
