// `mosaic config hooks verify`: whether what should run does. Doctor asks the same.
import type { Context } from "../context.ts";
import { surveyEntries } from "../domain/claude-entries.ts";
import { parseHooksConfig } from "../domain/hooks-config.ts";
import { AppError, exitCodes } from "../errors.ts";
import { hookSite, readClaudeSettings, startAnew } from "./site.ts";

export interface HookFinding {
  /** `problem`: a hook that is on does not run. `warning`: somebody's choice, or something to know. */
  kind: "problem" | "warning";
  message: string;
  /** A command; empty when there is none. */
  fix: string;
}

export interface HookSurvey {
  isInstalled: boolean;
  findings: readonly HookFinding[];
}

/** Looks at both files and the binary; throws nothing that a user can act on. */
export async function surveyHooks(ctx: Context): Promise<HookSurvey> {
  const site = hookSite(ctx);
  const findings: HookFinding[] = [];
  const problem = (message: string, fix = "mosaic config hooks repair") =>
    findings.push({ kind: "problem", message, fix });
  const warning = (message: string, fix = "") => findings.push({ kind: "warning", message, fix });
  const { dir, hasConflict } = site.home;
  if (hasConflict) {
    const theirs = ctx.env["CLAUDE_CONFIG_DIR"] ?? "";
    warning(
      `CLAUDE_HOME (${dir}) and CLAUDE_CONFIG_DIR (${theirs}) differ: Claude Code reads the second one, mosaic the first`,
      "unset CLAUDE_HOME",
    );
  }
  const text = await ctx.files.readText(site.config);
  const parsed = text === undefined ? undefined : parseHooksConfig(text);
  for (const fault of parsed?.faults ?? [])
    problem(`${site.config}: ${fault}`, startAnew(site.config));
  const isUnwanted = parsed?.config.isInstalled === false;
  try {
    const settings = await readClaudeSettings(ctx, site);
    const { missing, stale, surplus } = surveyEntries(settings.hooks, site.target);
    const hasOurs = settings.hooks.some(({ isOurs }) => isOurs);
    if ((text === undefined || isUnwanted) && !hasOurs) return { isInstalled: false, findings };
    if (isUnwanted) {
      problem(
        `${site.settings} has hooks of mosaic that were uninstalled: a session may have put them back`,
        "mosaic config hooks uninstall",
      );
      return { isInstalled: true, findings };
    }
    if (text === undefined) problem(`there is no ${site.config}: no hook runs`);
    if (!hasOurs) {
      problem(
        `${site.settings} has no hook of mosaic: a session may have dropped them, or somebody has`,
      );
    } else if (missing.length > 0) {
      problem(`${site.settings} has no hook of mosaic for ${missing.join(", ")}`);
    }
    if (stale.length > 0) {
      problem(`the hooks for ${stale.join(", ")} name another binary than ${site.target.self[0]}`);
    }
    if (surplus.length > 0) problem(`more hooks of mosaic than it needs: ${surplus.join(", ")}`);
    if (settings.disablesAll) {
      warning(`disableAllHooks is set in ${site.settings}: no hook runs`, `edit ${site.settings}`);
    }
    const binary = site.target.self[0] ?? "";
    if (!(await ctx.files.isExecutable(binary))) problem(`${binary} is not executable`, "");
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    problem(error.message, "");
  }
  return { isInstalled: true, findings };
}

/** Exit 0 when every hook that is on runs, 3 otherwise or when none is installed. */
export async function verifyHooks(ctx: Context, { json }: { json: boolean }): Promise<number> {
  const site = hookSite(ctx);
  const { isInstalled, findings } = await surveyHooks(ctx);
  const ok = isInstalled && !findings.some(({ kind }) => kind === "problem");
  if (json) {
    const told = { schemaVersion: 1, ok, isInstalled, home: site.home.dir, findings };
    ctx.io.out(`${JSON.stringify(told, null, 2)}\n`);
    return ok ? exitCodes.ok : exitCodes.notRunning;
  }
  if (!isInstalled) {
    ctx.io.out(`not installed in ${site.home.dir}\n  fix: mosaic config hooks repair\n`);
  }
  for (const { kind, message, fix } of findings) {
    ctx.io.out(`${kind === "problem" ? "PROBLEM" : "warning"}  ${message}\n`);
    if (fix !== "") ctx.io.out(`  fix: ${fix}\n`);
  }
  if (ok) ctx.io.out(`the hooks in ${site.home.dir} are as they should be\n`);
  return ok ? exitCodes.ok : exitCodes.notRunning;
}
