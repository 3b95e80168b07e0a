// The systemd units of the fleet: installed where the user manager looks, as the roster and this version want them,
// unedited, loaded, and enabled for the next boot.
import type { Context } from "../../context.ts";
import { agentUnitTemplate, holderUnit } from "../../domain/names.ts";
import { planUnits, type UnitFile } from "../../supervisors/systemd/sync.ts";
import { type Check, type CheckResult, merged, ok, problem, skipped, warning } from "../check.ts";
import { checkLiveUnits } from "../live-units.ts";
import { unitEnvironmentOf } from "../../supervisors/systemd/unit-environment.ts";

const install = "mosaic fleet install-systemd";

export const units: Check = {
  id: "units",
  title: "systemd units",
  needs: "roster",
  async run(ctx, { roster, supervisor, manager }) {
    if (roster === undefined || supervisor === undefined) {
      return skipped("not known whether systemd runs the fleet");
    }
    if (supervisor === "builtin") return checkUnused(ctx);
    const plan = await planUnits(ctx, { roster, environment: "kept" });
    const files = await Promise.all(plan.files.map((file) => checkFile(ctx, file)));
    const obsolete = plan.obsolete.map((path) =>
      warning(`${path} is for an agent that the roster no longer has`, install),
    );
    const isInstalled = plan.files.every(({ path, state }) => state !== "missing" || !isUnit(path));
    const live = isInstalled ? await checkLiveUnits(ctx, { roster, manager }) : [];
    const count = roster.agents.length;
    return merged(
      [...files.flat(), ...obsolete, ...live],
      ok(`installed and current, for ${count} agent${count === 1 ? "" : "s"}`),
    );
  },
};

function isUnit(path: string): boolean {
  return path.endsWith(`/${holderUnit}`) || path.endsWith(`/${agentUnitTemplate}`);
}

/** Units that an earlier supervisor left would start a second fleet at boot. */
async function checkUnused(ctx: Context): Promise<CheckResult> {
  const path = `${ctx.paths.systemdUser}/${holderUnit}`;
  if ((await ctx.files.stat(path)) === undefined) return ok("not needed (supervisor builtin)");
  return warning(
    `${path} is installed, but the builtin supervisor is in use`,
    `systemctl --user disable --now ${holderUnit}`,
  );
}

async function checkFile(ctx: Context, file: UnitFile): Promise<CheckResult[]> {
  if (file.state === "same") return [];
  if (file.state === "missing") {
    const detail = `${file.path} is missing`;
    // A start writes the drop-in of a new agent by itself, but never the units.
    return [isUnit(file.path) ? problem(detail, install) : warning(detail, install)];
  }
  if (file.state === "edited") {
    return [
      warning(
        `${file.path} was edited, and is kept so; put changes into a drop-in`,
        `${install} --force`,
      ),
    ];
  }
  const text = (await ctx.files.readText(file.path)) ?? "";
  const differences = isUnit(file.path) ? differencesOf(text, file.text) : [];
  if (differences.length > 0) {
    return [problem(`${file.path} was made for ${differences.join(", ")}`, install)];
  }
  return [warning(`${file.path} is of another version or an older roster`, install)];
}

/** Settings by which the units would run another mosaic, or another fleet, than this one. */
const telling = ["MOSAIC_HOME", "MOSAIC_BIN", "MOSAIC_SOCKET"];

function differencesOf(text: string, wantedText: string): string[] {
  const [set, wanted] = [unitEnvironmentOf(text), unitEnvironmentOf(wantedText)];
  return telling
    .filter((key) => set.get(key) !== wanted.get(key))
    .map((key) => `${key}=${set.get(key) ?? ""} instead of ${wanted.get(key)}`);
}
