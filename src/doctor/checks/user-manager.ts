// The systemd user manager: whether it answers, and what its absence means for this fleet.
import type { Context } from "../../context.ts";
import { agentUnitTemplate } from "../../domain/names.ts";
import { userManagerFaults } from "../../supervisors/choose.ts";
import { lingerFault } from "../../supervisors/systemd/linger.ts";
import { type Check, type CheckResult, ok, problem, warning } from "../check.ts";

export const userManager: Check = {
  id: "user-manager",
  title: "user manager",
  needs: "nothing",
  async run(ctx, { manager, roster, homeFault }) {
    const { state } = manager;
    if (state === "running") return ok(`systemd ${manager.version}`);
    const wanted = roster?.supervisor ?? "auto";
    if (state === "unknown") {
      const detail = `cannot tell: ${manager.fault}`;
      return wanted === "builtin"
        ? ok(`not needed (supervisor: builtin); ${detail}`)
        : warning(detail);
    }
    const { message } = userManagerFaults[state];
    if (wanted === "builtin") return ok(`not needed (supervisor: builtin): ${message}`);
    const fix = await fixOf(ctx, state);
    if (wanted === "systemd")
      return problem(`the roster wants supervisor: systemd, but ${message}`, fix);
    if (homeFault === undefined && (await hasUnits(ctx))) {
      return problem(
        `${message}, but the fleet's units are installed: this shell would start a second fleet`,
        fix,
      );
    }
    return withoutManager({ state, message, fix });
  },
};

/** supervisor: auto, and nothing of systemd in use. */
function withoutManager(fault: { state: string; message: string; fix: string }): CheckResult {
  const instead = `${fault.message}; supervisor: auto uses builtin`;
  // A host or container without systemd is what builtin is there for.
  if (fault.state === "no-systemctl") return ok(instead);
  return warning(`${instead}, which does not start at boot`, fault.fix);
}

async function hasUnits(ctx: Context): Promise<boolean> {
  return (await ctx.files.stat(`${ctx.paths.systemdUser}/${agentUnitTemplate}`)) !== undefined;
}

async function fixOf(ctx: Context, state: keyof typeof userManagerFaults): Promise<string> {
  const { hint } = userManagerFaults[state];
  if (state !== "no-bus") return hint;
  const own = `/run/user/${ctx.host.uid}`;
  // The manager is there, and this shell looks elsewhere: su, sudo, cron.
  const isThere = (await ctx.files.stat(`${own}/systemd/private`)) !== undefined;
  // What nobody can do here is no advice; nor is a folder that only a login makes.
  if (!isThere && (await lingerFault(ctx)) !== "") return "";
  return isThere
    ? `export XDG_RUNTIME_DIR=${own}`
    : `loginctl enable-linger\nexport XDG_RUNTIME_DIR=${own}`;
}
