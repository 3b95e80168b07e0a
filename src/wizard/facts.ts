// What the wizard has to know of this host. Looks, and writes nothing: not even a cache.
import { loadSettings } from "../config/load.ts";
import type { Context } from "../context.ts";
import { rosterFile } from "../domain/names.ts";
import { parseRoster, type Roster } from "../domain/roster.ts";
import { runtimeNames, runtimes } from "../domain/runtimes.ts";
import type { PlannedFile, SetupFacts, SetupStep } from "../domain/setup.ts";
import { unwritableFolders } from "../doctor/writable.ts";
import { AppError } from "../errors.ts";
import { frameworkDrift } from "../fleet/framework.ts";
import { modeOf } from "../fleet/framework-survey.ts";
import { listProfiles } from "../fleet/init.ts";
import { installHooks } from "../hooks/install.ts";
import { hookSite, readHooksConfig } from "../hooks/site.ts";
import { userManagerFaults } from "../supervisors/choose.ts";
import { isLingering } from "../supervisors/systemd/linger.ts";
import { planUnits } from "../supervisors/systemd/sync.ts";
import { probeUserManager } from "../supervisors/user-manager.ts";
import { gatewayFacts } from "./gateway.ts";

/** Throws AppError (exit 2) when HOME or another folder of ours is no absolute path. */
export async function gatherSetupFacts(ctx: Context): Promise<SetupFacts> {
  const { home } = ctx.paths;
  const { roster, rosters, fault } = await readRosters(ctx);
  return {
    home,
    framework: await frameworkFiles(ctx),
    roster: {
      file: rosterFile(ctx.paths),
      agents: roster === undefined ? undefined : agentsOf(roster),
      fault,
    },
    profiles: [...rosters].map(([name, one]) => ({ name, agents: agentsOf(one) })),
    runtimes: await foundRuntimes(ctx),
    systemd: await systemdFacts(ctx, { roster, rosters }),
    hooks: await hooksFacts(ctx),
    gateway: await gatewayFacts(ctx, {}),
    completions: await completionFacts(ctx),
    unwritable: await closedFolders(ctx),
    settingFaults: (await loadSettings(ctx)).faults.map(({ message }) => message),
  };
}

function agentsOf({ agents }: Roster) {
  return agents.map(({ name, runtime }) => ({ name, runtime }));
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

interface Rosters {
  /** The one that is there and valid. */
  roster: Roster | undefined;
  /** Of the profiles. */
  rosters: ReadonlyMap<string, Roster>;
  fault: string;
}

async function readRosters(ctx: Context): Promise<Rosters> {
  const { home } = ctx.paths;
  const rosters = new Map<string, Roster>();
  for (const name of await listProfiles(ctx)) {
    const file = `fleet/examples/${name}.yaml`;
    const text = new TextDecoder().decode(await ctx.assets.read(file));
    const parsed = parseRoster(text, { file, home });
    if ("roster" in parsed) rosters.set(name, parsed.roster);
  }
  const file = rosterFile(ctx.paths);
  const text = await ctx.files.readText(file);
  if (text === undefined) return { roster: undefined, rosters, fault: "" };
  const parsed = parseRoster(text, { file, home });
  if ("roster" in parsed) return { roster: parsed.roster, rosters, fault: "" };
  const [first] = parsed.faults;
  const fault = `${file}:${first?.line}:${first?.column}: ${first?.message}`;
  return { roster: undefined, rosters, fault };
}

async function foundRuntimes(ctx: Context): Promise<SetupFacts["runtimes"]> {
  const folders = (ctx.env["PATH"] ?? "").split(":").filter((folder) => folder.startsWith("/"));
  const found = [];
  for (const name of runtimeNames) {
    const { program, installHint } = runtimes[name];
    if (program.kind !== "path") continue;
    let path: string | undefined;
    for (const folder of folders) {
      const candidate = `${folder}/${program.binary}`;
      if (path === undefined && (await ctx.files.isExecutable(candidate))) path = candidate;
    }
    found.push({ name, path, installHint });
  }
  return found;
}

async function systemdFacts(
  ctx: Context,
  { roster, rosters }: Pick<Rosters, "roster" | "rosters">,
): Promise<SetupFacts["systemd"]> {
  const manager = await probeUserManager(ctx);
  if (manager !== "running") {
    return { fault: userManagerFaults[manager].message, units: {}, user: "", isLingering: false };
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
  return { fault: "", units, user, isLingering: on };
}

async function hooksFacts(ctx: Context): Promise<SetupFacts["hooks"]> {
  const site = hookSite(ctx);
  const { dir } = site.home;
  const nothing = { dir, files: [], isGuarding: false, isLogging: false };
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
      dir,
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

async function completionFacts({ env, files, paths }: Context): Promise<SetupFacts["completions"]> {
  const shell = (env["SHELL"] ?? "").split("/").at(-1);
  const share = paths.data.slice(0, -"/mosaic".length);
  // bash-completion looks there by itself, as fish does; zsh has no folder of a person's own that it reads.
  const path =
    shell === "bash"
      ? `${share}/bash-completion/completions/mosaic`
      : shell === "fish"
        ? `${paths.home}/.config/fish/completions/mosaic.fish`
        : undefined;
  if (path === undefined) return { file: undefined, isThere: false };
  const isThere = (await files.stat(path)) !== undefined;
  return { file: { path, mode: 0o644, how: "new" }, isThere };
}

async function closedFolders(ctx: Context): Promise<SetupFacts["unwritable"]> {
  const { config, state, systemdUser, data } = ctx.paths;
  const places: { folder: string; steps: SetupStep[] }[] = [
    { folder: config, steps: ["framework", "roster", "systemd", "gateway"] },
    { folder: state, steps: ["framework", "roster", "systemd", "hooks"] },
    { folder: systemdUser, steps: ["systemd"] },
    { folder: hookSite(ctx).home.dir, steps: ["hooks"] },
    { folder: data, steps: ["gateway", "completions"] },
  ];
  const closed = new Map<string, Set<SetupStep>>();
  for (const { folder, steps } of places) {
    for (const path of await unwritableFolders(ctx, [folder])) {
      const known = closed.get(path) ?? new Set();
      for (const step of steps) known.add(step);
      closed.set(path, known);
    }
  }
  return [...closed].map(([folder, steps]) => ({ folder, steps: [...steps] }));
}
