// `mosaic fleet install-systemd`: writes the units, enables them for the next boot, and says what is
// missing for that boot to bring the fleet back.
import { exitCodes } from "../../errors.ts";
import type { Context } from "../../context.ts";
import { agentUnit, holderUnit } from "../../domain/names.ts";
import type { Roster } from "../../domain/roster.ts";
import { ensureFramework } from "../../fleet/framework.ts";
import { loadRoster } from "../../fleet/load-roster.ts";
import { refuseForeignUnits } from "../../fleet/refusals.ts";
import { noUserManager } from "../choose.ts";
import { probeUserManager } from "../user-manager.ts";
import { isLingering, lingerFault } from "./linger.ts";
import { enabledAgents, planUnits, type UnitPlan, writeUnits } from "./sync.ts";
import { mustSystemctl } from "./systemctl.ts";

export interface InstallOptions {
  dryRun: boolean;
  /** Replaces units that a person edited, after a backup. */
  force: boolean;
}

/** Exit code: 0 installed and enabled, 3 written but no user manager answered. */
export async function installSystemd(ctx: Context, options: InstallOptions): Promise<number> {
  const manager = await probeUserManager(ctx);
  if (manager === "no-systemctl") throw noUserManager(manager);
  const roster = await loadRoster(ctx);
  await refuseForeignUnits(ctx, "systemd");
  const plan = await planUnits(ctx, { roster, environment: "captured" });
  if (options.dryRun) {
    for (const file of plan.files) ctx.io.out(`# ${file.path} (${file.state})\n${file.text}\n`);
    for (const path of plan.obsolete) ctx.io.out(`# ${path} (would be removed)\n`);
    return exitCodes.ok;
  }
  await ensureFramework(ctx);
  await writeUnits(ctx, plan, options);
  report(ctx, plan, options);
  if (manager !== "running") throw noUserManager(manager);
  await reloadAndEnable(ctx, roster);
  await reportBoot(ctx);
  ctx.io.err("next: mosaic fleet start\n");
  return exitCodes.ok;
}

function report(ctx: Context, plan: UnitPlan, options: InstallOptions): void {
  for (const { path, state } of plan.files) {
    const said = {
      missing: "written",
      old: "updated",
      same: "unchanged",
      edited: "kept (edited by hand)",
    }[state];
    ctx.io.out(
      `${state === "edited" && options.force ? "replaced (backup kept)" : said}  ${path}\n`,
    );
  }
  for (const path of plan.obsolete) ctx.io.out(`removed  ${path}\n`);
}

async function reloadAndEnable(ctx: Context, roster: Roster): Promise<void> {
  const gone = (await enabledAgents(ctx)).filter(
    (name) => !roster.agents.some((agent) => agent.name === name),
  );
  if (gone.length > 0) await mustSystemctl(ctx, "disable", "--quiet", ...gone.map(agentUnit));
  await mustSystemctl(ctx, "daemon-reload");
  const units = [holderUnit, ...roster.agents.map((agent) => agentUnit(agent.name))];
  await mustSystemctl(ctx, "enable", "--quiet", ...units);
}

async function reportBoot(ctx: Context): Promise<void> {
  const linger = await isLingering(ctx);
  if (linger.on) {
    ctx.io.err(
      `boot: linger is on for ${linger.user}, so the fleet starts at boot and survives logout\n`,
    );
    return;
  }
  const fault = await lingerFault(ctx);
  const help = fault === "" ? `hint: loginctl enable-linger ${linger.user}` : `because ${fault}`;
  ctx.io.err(
    `boot: linger is off for ${linger.user}: the fleet ends at logout and does not start at boot\n  ${help}\n`,
  );
}
