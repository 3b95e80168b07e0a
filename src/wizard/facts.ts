// What the wizard has to know of this host. Looks, and writes nothing: not even a cache.
import { loadSettings } from "../config/load.ts";
import type { Context } from "../context.ts";
import { holderUnit, rosterFile } from "../domain/names.ts";
import type { Roster } from "../domain/roster.ts";
import { runtimeNames, runtimes } from "../domain/runtimes.ts";
import { foundRoster } from "../domain/found-roster.ts";
import type { PlannedFile, SetupFacts } from "../domain/setup-model.ts";
import { oneLine } from "../domain/terminal-text.ts";
import { AppError } from "../errors.ts";
import { frameworkDrift } from "../fleet/framework.ts";
import { modeOf } from "../fleet/framework-survey.ts";
import { installHooks } from "../hooks/install.ts";
import { hookSite, readHooksConfig } from "../hooks/site.ts";
import { userManagerFaults } from "../supervisors/choose.ts";
import { isLingering, lingerFault } from "../supervisors/systemd/linger.ts";
import { enabledAgents, planUnits } from "../supervisors/systemd/sync.ts";
import { probeUserManager } from "../supervisors/user-manager.ts";
import { gatewayFacts } from "./gateway.ts";
import { closedFolders } from "./places.ts";
import { agentsOf, readRosters, type Rosters } from "./rosters.ts";

/** Throws AppError (exit 2) when HOME or another folder of ours is no absolute path. */
export async function gatherSetupFacts(ctx: Context): Promise<SetupFacts> {
  const { home } = ctx.paths;
  const programs = await foundRuntimes(ctx);
  const { roster, rosters, profiles, fault } = await readRosters(ctx, foundRoster(programs));
  const completions = await completionFacts(ctx);
  return {
    home,
    framework: await frameworkFiles(ctx),
    roster: {
      file: rosterFile(ctx.paths),
      agents: roster === undefined ? undefined : agentsOf(roster),
      fault,
    },
    profiles,
    runtimes: programs,
    hasTmux: (await onPath(ctx, "tmux")) !== undefined,
    systemd: await systemdFacts(ctx, { roster, rosters }),
    hooks: await hooksFacts(ctx),
    gateway: await gatewayFacts(ctx, {}),
    completions,
    unwritable: await closedFolders(ctx, completions),
    settingFaults: (await loadSettings(ctx)).faults.map(({ message }) => message),
  };
}

async function frameworkFiles(ctx: Context): Promise<PlannedFile[]> {
  const drift = await frameworkDrift(ctx);
  return drift
    .filter(({ state }) => state !== "edited" && state !== "link")
    .map(({ file, state }) => ({
      path: file,
      mode: modeOf(file),
      how: state === "missing" ? "new" : "update",
    }));
}

async function foundRuntimes(ctx: Context): Promise<SetupFacts["runtimes"]> {
  const found = [];
  for (const name of runtimeNames) {
    const { program, installHint } = runtimes[name];
    if (program.kind !== "path") continue;
    found.push({ name, path: await onPath(ctx, program.binary), installHint });
  }
  return found;
}

async function onPath({ env, files }: Context, binary: string): Promise<string | undefined> {
  for (const folder of (env["PATH"] ?? "").split(":")) {
    const path = `${folder}/${binary}`;
    if (folder.startsWith("/") && (await files.isExecutable(path))) return path;
  }
  return undefined;
}

async function systemdFacts(
  ctx: Context,
  { roster, rosters }: Pick<Rosters, "roster" | "rosters">,
): Promise<SetupFacts["systemd"]> {
  const manager = await probeUserManager(ctx);
  if (manager !== "running") {
    const fault = userManagerFaults[manager].message;
    return { fault, units: {}, user: "", isLingering: false, lingerFault: "", isEnabled: false };
  }
  const wanted = roster === undefined ? rosters : new Map([["present", roster]]);
  const units: Record<string, PlannedFile[]> = {};
  for (const [name, one] of wanted) {
    const { files } = await planUnits(ctx, { roster: one, environment: "captured" });
    units[name] = files
      .filter(({ state }) => state === "missing" || state === "old")
      .map(({ path, state }) => ({
        path,
        mode: 0o644,
        how: state === "missing" ? "new" : "update",
      }));
  }
  const { user, on } = await isLingering(ctx);
  const isAtBoot = await isEnabled(ctx, roster);
  const whyNoLinger = on ? "" : await lingerFault(ctx);
  return { fault: "", units, user, isLingering: on, lingerFault: whyNoLinger, isEnabled: isAtBoot };
}

/** Whether holder and agents of the roster, and no other agents, start at boot. */
async function isEnabled(ctx: Context, roster: Roster | undefined): Promise<boolean> {
  const holder = `${ctx.paths.systemdUser}/default.target.wants/${holderUnit}`;
  const names = (roster?.agents ?? []).map(({ name }) => name).toSorted();
  const enabled = (await enabledAgents(ctx)).toSorted();
  const isHolderThere = (await ctx.files.stat(holder)) !== undefined;
  return isHolderThere && names.join(" ") === enabled.join(" ");
}

async function hooksFacts(ctx: Context): Promise<SetupFacts["hooks"]> {
  const site = hookSite(ctx);
  const { dir, hasConflict } = site.home;
  const readInstead = hasConflict ? (ctx.env["CLAUDE_CONFIG_DIR"] ?? "") : "";
  const nothing = { dir, readInstead, files: [], isGuarding: false, isLogging: false };
  try {
    const { written } = await installHooks(ctx, { dryRun: true });
    const files: PlannedFile[] = [];
    for (const path of written) {
      const isThere = (await ctx.files.stat(path)) !== undefined;
      files.push({ path, mode: 0o600, how: isThere ? "update" : "new" });
    }
    const hooks = (await readHooksConfig(ctx, site))?.config.hooks ?? [];
    const isOn = (id: string) => hooks.some((hook) => hook.id === id && hook.isEnabled);
    return {
      ...nothing,
      files,
      fault: "",
      isGuarding: isOn("secrets-guard"),
      isLogging: isOn("session-log"),
    };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return { ...nothing, fault: error.message };
  }
}

async function completionFacts(ctx: Context): Promise<SetupFacts["completions"]> {
  const { env, files, paths } = ctx;
  const shell = (env["SHELL"] ?? "").split("/").at(-1) ?? "";
  const share = paths.data.slice(0, -"/mosaic".length);
  const { XDG_CONFIG_HOME: xdg = "" } = env;
  const config = xdg.startsWith("/") ? xdg : `${paths.home}/.config`;
  // bash-completion looks there by itself, as fish does; zsh has no folder of a person's own that it reads.
  const known = new Map([
    ["bash", `${share}/bash-completion/completions/mosaic`],
    ["fish", `${config}/fish/completions/mosaic.fish`],
  ]);
  const path = known.get(shell);
  if (path === undefined) return { file: undefined, isThere: false, fault: faultOf(shell) };
  const text = await files.readText(path);
  const wanted = new TextDecoder().decode(await ctx.assets.read(`completions/mosaic.${shell}`));
  const how = text === undefined ? "new" : "update";
  return { file: { path, mode: 0o644, how }, isThere: text === wanted, fault: "" };
}

function faultOf(shell: string): string {
  if (shell === "zsh") {
    return "zsh reads no folder of a person's own; add to ~/.zshrc: source <(mosaic completions zsh)";
  }
  const name =
    shell === ""
      ? "your shell is not known (SHELL is not set)"
      : `${oneLine(shell)} has none of ours`;
  return `${name}: mosaic completions --help`;
}
