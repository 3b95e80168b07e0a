// `mosaic gateway install`: shows its plan, and does just that. Repeated, it changes only what differs.
import { settingsError, type SettingFlags } from "../config/load.ts";
import { mustOwn } from "../config/own-folders.ts";
import type { Context } from "../context.ts";
import { AppError, exitCodes } from "../errors.ts";
import { ensureFramework } from "../fleet/framework.ts";
import { writeUnits } from "../supervisors/systemd/sync.ts";
import { addAdmin } from "./admin.ts";
import { type Contact, readContact } from "./contact.ts";
import { gatewayUnit, ownFolders } from "./files.ts";
import { type InstallPlan, planInstall } from "./install-plan.ts";
import { openGatewayStore } from "./open-store.ts";
import { planJson, planText } from "./install-words.ts";
import { reachManager } from "./service/manager.ts";
import { untilReady } from "./service/ready.ts";
import { mustSystemctl, systemctl } from "./service/systemctl.ts";
import { unitState } from "./service/unit.ts";

export interface GatewayInstallOptions {
  flags: SettingFlags;
  dryRun: boolean;
  json: boolean;
  /** Without a manager that keeps it running the install has failed. */
  requireService: boolean;
  /** Replaces a unit that a person edited, after a backup. */
  force: boolean;
}

/**
 * Exit code 0 when all is as planned; without systemd too, which it says. Throws AppError: exit 2 with every fault of the
 * inputs, and nothing written; 3 when a service is required and there is no manager; 1 when it does not get ready.
 */
export async function installGateway(
  ctx: Context,
  options: GatewayInstallOptions,
): Promise<number> {
  await mustOwn(ctx, ownFolders(ctx.paths));
  const planned = await planInstall(ctx, options.flags);
  if ("faults" in planned) throw settingsError(planned.faults);
  const { plan } = planned;
  if (plan.service.kind === "none" && options.requireService) {
    throw new AppError(`no service can be installed: ${plan.service.reason}`, {
      exitCode: exitCodes.notRunning,
      hint: "run it in the foreground: mosaic gateway run",
    });
  }
  if (!options.json) ctx.io.out(planText(plan, options));
  if (options.dryRun) {
    if (options.json) ctx.io.out(planJson(plan, { isDone: false }));
    return exitCodes.ok;
  }
  const contact = await apply(ctx, plan, options);
  if (options.json) ctx.io.out(planJson(plan, { isDone: true, url: contact?.url }));
  else if (contact !== undefined) ctx.io.out(`ready: ${contact.url}\n`);
  if (plan.service.kind === "none") {
    ctx.io.err(`no service was installed: ${plan.service.reason}\nnext: mosaic gateway run\n`);
  }
  return exitCodes.ok;
}

async function apply(
  ctx: Context,
  plan: InstallPlan,
  { force }: GatewayInstallOptions,
): Promise<Contact | undefined> {
  for (const { path, mode, state, content } of plan.files) {
    const text = typeof content === "string" ? content : `${content.reveal()}\n`;
    if (state !== "same") await ctx.files.write(path, text, mode);
  }
  await ensureFramework(ctx);
  const { sql } = await openGatewayStore(ctx, plan.settings);
  try {
    if (plan.admin !== undefined && !(await addAdmin(ctx, sql, { ...plan.admin, isFirst: true }))) {
      throw new AppError("another install has just made the first admin", {
        exitCode: exitCodes.refused,
        hint: "mosaic gateway admin list",
      });
    }
  } finally {
    await sql[Symbol.asyncDispose]();
  }
  if (plan.service.kind === "none" || plan.unit === undefined) return undefined;
  if (!(await reachManager(plan.service))) {
    throw new AppError("the user manager of systemd does not come up", {
      exitCode: exitCodes.notRunning,
      hint: "run it in the foreground: mosaic gateway run",
    });
  }
  const isNewUnit = await writeUnits(ctx, { files: [plan.unit], obsolete: [] }, { force });
  await mustSystemctl(plan.service, "daemon-reload");
  await mustSystemctl(plan.service, "enable", "--quiet", gatewayUnit);
  const isChanged = isNewUnit || plan.files.some(({ state }) => state !== "same");
  const before = await readContact(ctx);
  const isUp = (await unitState(plan.service)) === "active" && before !== undefined;
  if (isUp && !isChanged) return await untilReady(ctx, { before: undefined });
  // One that gave up would not be started.
  await systemctl(plan.service, "reset-failed", gatewayUnit);
  await mustSystemctl(plan.service, "restart", gatewayUnit);
  return await untilReady(ctx, { before: before?.instance });
}
