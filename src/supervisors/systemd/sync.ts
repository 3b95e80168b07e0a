// Brings the unit files on disk in line with the roster. A unit that a person edited is never replaced
// unasked: each file of ours carries the hash of its own text on its first line.
import { AppError, exitCodes } from "../../errors.ts";
import type { Context } from "../../context.ts";
import { sha256Hex } from "../../domain/hash.ts";
import { agentUnit, agentUnitTemplate, holderUnit } from "../../domain/names.ts";
import type { Roster } from "../../domain/roster.ts";
import { keepBackup } from "../../fleet/backup.ts";
import { unitEnvironmentOf } from "./unit-environment.ts";
import { renderUnit, rosterDropIn, unitPath } from "./units.ts";

const stampPattern =
  /^# Written by mosaic, sha256 ([0-9a-f]{64}); change it with: systemctl (?:--user )?edit\n/;
const dropInName = "10-mosaic-roster.conf";

export interface UnitFile {
  path: string;
  text: string;
  /** same: nothing to do · edited: a person changed it, kept unless forced. */
  state: "missing" | "same" | "old" | "edited";
}

export interface UnitPlan {
  files: UnitFile[];
  /** Drop-ins of ours for agents that the roster no longer has. */
  obsolete: string[];
}

function stamp(body: string, edit = "systemctl --user edit"): string {
  return `# Written by mosaic, sha256 ${sha256Hex(body)}; change it with: ${edit}\n${body}`;
}

/** True for a text that we wrote and nobody changed since. */
export function isUntouched(text: string): boolean {
  const [line, hash] = stampPattern.exec(text) ?? [];
  return line !== undefined && sha256Hex(text.slice(line.length)) === hash;
}

/** What the units have of the shell in which install-systemd was run, and of no other. */
export function shellEnvironment(env: Context["env"]): Record<string, string> {
  const kept: Record<string, string> = {
    PATH: unitPath(env["PATH"] ?? ""),
    // Agents draw boxes and emoji; a bare user manager has no locale at all.
    LANG: env["LANG"] ?? "C.UTF-8",
  };
  for (const key of ["MOSAIC_STATE", "XDG_STATE_HOME", "TMUX_TMPDIR"]) {
    const value = env[key];
    if (value !== undefined && value !== "") kept[key] = value;
  }
  return kept;
}

export interface UnitsWanted {
  roster: Roster;
  /**
   * captured: from the shell that calls us, as install-systemd does · kept: as the installed unit has it. A start from
   * cron must not take the PATH away from every agent.
   */
  environment: "captured" | "kept";
}

/** What would be written, file by file. */
export async function planUnits(
  ctx: Context,
  { roster, environment }: UnitsWanted,
): Promise<UnitPlan> {
  const own = {
    MOSAIC_HOME: ctx.paths.config,
    MOSAIC_BIN: ctx.paths.executable,
    MOSAIC_SOCKET: roster.socket,
    // A home that is not the usual one has its state inside; the scripts could not know.
    ...(ctx.paths.state.startsWith(`${ctx.paths.config}/`)
      ? { MOSAIC_STATE: ctx.paths.state }
      : {}),
  };
  const wanted = new Map<string, string>();
  for (const unit of [holderUnit, agentUnitTemplate]) {
    const path = `${ctx.paths.systemdUser}/${unit}`;
    const installed = environment === "kept" ? await ctx.files.readText(path) : undefined;
    const shell =
      installed === undefined ? ctx.env : Object.fromEntries(unitEnvironmentOf(installed));
    const template = new TextDecoder().decode(await ctx.assets.read(`systemd/user/${unit}`));
    const facts = { configDir: ctx.paths.config, env: { ...shellEnvironment(shell), ...own } };
    wanted.set(path, renderUnit(template, facts));
  }
  for (const agent of roster.agents) {
    wanted.set(dropInPath(ctx, agent.name), rosterDropIn(agent));
  }
  const files = await Promise.all(
    [...wanted].map(([path, body]) => planFile(ctx, { path, text: stamp(body) })),
  );
  const installed = await installedDropIns(ctx);
  return { files, obsolete: installed.filter((path) => !wanted.has(path)) };
}

/** One unit with its text, stamped as ours; `edit` is the command by which a person changes it. */
export async function planUnit(
  ctx: Context,
  { path, body, edit }: { path: string; body: string; edit: string },
): Promise<UnitFile> {
  return await planFile(ctx, { path, text: stamp(body, edit) });
}

async function planFile(
  ctx: Context,
  { path, text }: Pick<UnitFile, "path" | "text">,
): Promise<UnitFile> {
  const present = await ctx.files.readText(path);
  if (present === undefined) return { path, text, state: "missing" };
  if (present === text) return { path, text, state: "same" };
  return { path, text, state: isUntouched(present) ? "old" : "edited" };
}

function dropInPath(ctx: Context, agent: string): string {
  return `${ctx.paths.systemdUser}/${agentUnit(agent)}.d/${dropInName}`;
}

/** False when another mosaic home of this user installed the units: they run its fleet, not ours. */
export async function unitsAreOurs(ctx: Context): Promise<boolean> {
  const text = await ctx.files.readText(`${ctx.paths.systemdUser}/${agentUnitTemplate}`);
  const home = unitEnvironmentOf(text ?? "").get("MOSAIC_HOME") ?? ctx.paths.config;
  return home === ctx.paths.config;
}

/** Agents whose units start at boot, also those that the roster no longer has. */
export async function enabledAgents(ctx: Context): Promise<string[]> {
  const links = await ctx.files.list(`${ctx.paths.systemdUser}/default.target.wants`);
  return links.flatMap((link) => /^mosaic-agent@([a-z0-9-]+)\.service$/.exec(link)?.[1] ?? []);
}

/** Every roster drop-in of ours that is on disk, also those of agents long gone. */
export async function installedDropIns(ctx: Context): Promise<string[]> {
  const names = await ctx.files.list(ctx.paths.systemdUser);
  const folders = names.filter((name) => /^mosaic-agent@[a-z0-9-]+\.service\.d$/.test(name));
  const paths = folders.map((folder) => `${ctx.paths.systemdUser}/${folder}/${dropInName}`);
  const found = await Promise.all(paths.map((path) => ctx.files.stat(path)));
  return paths.filter((_, index) => found[index] !== undefined);
}

/** Writes what differs; the edited files are left, or backed up and replaced with `force`. True when anything changed. */
export async function writeUnits(
  ctx: Context,
  plan: UnitPlan,
  options: { force: boolean },
): Promise<boolean> {
  let changed = false;
  for (const file of plan.files) {
    if (file.state === "same" || (file.state === "edited" && !options.force)) continue;
    if (file.state === "edited") await keepBackup(ctx, file.path);
    await ctx.files.write(file.path, file.text, 0o644);
    changed = true;
  }
  for (const path of plan.obsolete) {
    await removeDropIn(ctx, path);
    changed = true;
  }
  return changed;
}

/** Removes a drop-in and its folder, when nothing of a person's is in it. */
export async function removeDropIn(ctx: Context, path: string): Promise<void> {
  await ctx.files.remove(path);
  const folder = path.slice(0, path.lastIndexOf("/"));
  if ((await ctx.files.list(folder)).length === 0) await ctx.files.remove(folder);
}

/** Throws unless the units have been installed. */
export function requireInstalled(plan: UnitPlan): void {
  const units = plan.files.filter((file) => !file.path.endsWith(dropInName));
  if (units.some((file) => file.state === "missing")) {
    throw new AppError("the systemd units are not installed", {
      exitCode: exitCodes.notRunning,
      hint: "mosaic fleet install-systemd",
    });
  }
}
