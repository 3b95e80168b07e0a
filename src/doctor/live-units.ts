// What the user manager makes of the installed units: found, readable, up to date, and enabled for the next boot.
import type { Context } from "../context.ts";
import { agentUnit, holderUnit } from "../domain/names.ts";
import type { Roster } from "../domain/roster.ts";
import { parseShow } from "../supervisors/systemd/systemctl.ts";
import { askTimeoutMs, type CheckResult, problem, warning } from "./check.ts";
import type { ManagerFacts } from "./user-manager.ts";

/** One exec at most; an empty list when all is well. */
export async function checkLiveUnits(
  ctx: Context,
  { roster, manager }: { roster: Roster; manager: ManagerFacts },
): Promise<CheckResult[]> {
  if (manager.state !== "running") {
    return [warning("cannot tell whether they are loaded: no user manager answers")];
  }
  if (!manager.unitFolders.includes(ctx.paths.systemdUser)) {
    const detail = `the user manager, of another HOME or XDG_CONFIG_HOME, does not look into ${ctx.paths.systemdUser}`;
    return [problem(detail, "systemctl --user show --property=UnitPath")];
  }
  const names = [holderUnit, ...roster.agents.map((agent) => agentUnit(agent.name))];
  const properties = "--property=Id,LoadState,UnitFileState,NeedDaemonReload";
  const argv = ["systemctl", "--user", "show", properties, "--", ...names];
  const asked = await ctx.exec(argv, { timeoutMs: askTimeoutMs });
  const shown = parseShow(asked.stdout);
  if (asked.exitCode !== 0 || names.some((name) => !shown.has(name))) {
    return [warning("cannot tell whether they are loaded: systemctl --user show failed")];
  }
  return judgeUnits(names.map((name) => ({ ...shown.get(name), name })));
}

type ShownUnit = Readonly<Record<string, string>> & { name: string };

/** Pure: what is wrong with units of which systemctl showed LoadState, UnitFileState and NeedDaemonReload. */
function judgeUnits(units: readonly ShownUnit[]): CheckResult[] {
  // Such as masked, bad-setting and error (systemctl(1)).
  const unloaded = units.filter((unit) => unit["LoadState"] !== "loaded");
  const stale = units.filter((unit) => unit["NeedDaemonReload"] === "yes");
  const disabled = units.filter((unit) => unit["UnitFileState"] === "disabled");
  const findings = unloaded.map(({ name, LoadState }) =>
    problem(`the user manager says of ${name}: ${LoadState}`, `systemctl --user status ${name}`),
  );
  if (stale.length > 0) {
    const detail = "the user manager has not read the newest units";
    findings.push(warning(detail, "systemctl --user daemon-reload"));
  }
  if (disabled.length > 0) {
    const names = disabled.map(({ name }) => name).join(", ");
    findings.push(warning(`not started at boot: ${names}`, "mosaic fleet install-systemd"));
  }
  return findings;
}
