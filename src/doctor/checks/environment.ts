// The environment of this shell: settings that get into a Bun program, and settings by which this shell and the units
// would look at different folders.
import type { Context } from "../../context.ts";
import { shellQuote } from "../../domain/shell-word.ts";
import { agentUnitTemplate } from "../../domain/names.ts";
import { type Check, type CheckResult, merged, ok, problem, warning } from "../check.ts";
import type { DoctorFacts } from "../facts.ts";
import { unitEnvironmentOf } from "../../supervisors/systemd/unit-environment.ts";
import { managerEnvironment } from "../user-manager.ts";

/**
 * Make a Bun or Node program load code or open a debugger (bun-types/docs/bundler/executables.mdx). The units unset
 * them all (UnsetEnvironment=); a test holds the lists equal.
 */
export const hostileSettings = [
  "BUN_OPTIONS",
  "BUN_BE_BUN",
  "BUN_INSPECT",
  "BUN_INSPECT_CONNECT_TO",
  "BUN_INSPECT_NOTIFY",
  "NODE_OPTIONS",
];

export const environment: Check = {
  id: "environment",
  title: "environment",
  needs: "home",
  async run(ctx, facts) {
    const findings = [
      ...checkHostile(ctx),
      ...checkRelative(ctx),
      ...(await compareWithUnits(ctx, facts)),
    ];
    return merged(findings, ok("nothing that changes what mosaic does"));
  },
};

function checkHostile({ env }: Context): CheckResult[] {
  const names = hostileSettings.filter((name) => (env[name] ?? "") !== "");
  if (names.length === 0) return [];
  const detail = `${names.join(", ")} set: programs started here load what it names; units and agents do not get it`;
  return [warning(detail, `unset ${names.join(" ")}`)];
}

/** We ignore a relative one, as the XDG specification asks; the scripts would take it. */
function checkRelative({ env }: Context): CheckResult[] {
  const value = env["XDG_STATE_HOME"] ?? "";
  if (value === "" || value.startsWith("/")) return [];
  return [
    problem(
      `XDG_STATE_HOME=${value} is not absolute: programs would disagree on where it is`,
      "unset XDG_STATE_HOME",
    ),
  ];
}

interface Place {
  what: string;
  variable: string;
  here: string;
  inUnits: string;
}

async function compareWithUnits(ctx: Context, { supervisor }: DoctorFacts): Promise<CheckResult[]> {
  if (supervisor !== "systemd") return [];
  const unit = await ctx.files.readText(`${ctx.paths.systemdUser}/${agentUnitTemplate}`);
  if (unit === undefined) return [];
  const inherited = await managerEnvironment(ctx);
  if (inherited === undefined) {
    return [warning("cannot tell what environment the units get: no user manager answers")];
  }
  const env = new Map([...inherited, ...unitEnvironmentOf(unit)]);
  const home = env.get("HOME") || ctx.paths.home;
  const places: Place[] = [
    {
      what: "state folder",
      variable: "XDG_STATE_HOME",
      here: ctx.paths.state,
      inUnits: trimmed(
        env.get("MOSAIC_STATE") ||
          `${trimmed(env.get("XDG_STATE_HOME") || `${trimmed(home)}/.local/state`)}/mosaic`,
      ),
    },
    {
      what: "folder of tmux sockets",
      variable: "TMUX_TMPDIR",
      here: trimmed(ctx.env["TMUX_TMPDIR"] || "/tmp"),
      inUnits: trimmed(env.get("TMUX_TMPDIR") || "/tmp"),
    },
  ];
  return places
    .filter(({ here, inUnits }) => here !== inUnits)
    .map(({ what, variable, here, inUnits }) =>
      problem(
        `the ${what} of this shell is ${here}, that of the units ${inUnits} (${variable})`,
        fixOf(variable, { set: env.get(variable), differsByHome: home !== ctx.paths.home }),
      ),
    );
}

/** Follow the running units, rather than move them away from their agents. */
function fixOf(
  variable: string,
  { set, differsByHome }: { set: string | undefined; differsByHome: boolean },
): string {
  if (set !== undefined && set !== "") return `export ${variable}=${shellQuote(set)}`;
  return differsByHome && variable === "XDG_STATE_HOME"
    ? "systemctl --user show-environment"
    : `unset ${variable}`;
}

function trimmed(path: string): string {
  return path.replace(/\/+$/, "") || "/";
}
