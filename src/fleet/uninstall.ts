// `mosaic fleet uninstall`: the document's rollback as one command. Removes what mosaic wrote and nothing else:
// units, drop-ins, extracted files; with --purge also the roster and the fleet's state.
import { AppError, exitCodes, usageError } from "../errors.ts";
import type { Context } from "../context.ts";
import { sha256Hex } from "../domain/hash.ts";
import {
  agentUnit,
  agentUnitTemplate,
  holderUnit,
  rosterFile,
  lockFiles,
} from "../domain/names.ts";
import {
  enabledAgents,
  installedDropIns,
  isUntouched,
  removeDropIn,
  unitsAreOurs,
} from "../supervisors/systemd/sync.ts";
import { systemctl } from "../supervisors/systemd/systemctl.ts";
import { endDeliverers } from "./end-deliverers.ts";
import { installRecordFile, readInstallRecord } from "./install-record.ts";
import { remains, stopRemains, supervisorFilePattern } from "./stop-remains.ts";
import { stopFleet } from "./stop.ts";

export interface UninstallOptions {
  /** Also the roster, env files beside it, messages, logs and black boxes. */
  purge: boolean;
  yes: boolean;
  dryRun: boolean;
}

/**
 * Exit code 0 when everything is gone (or was not there), 1 when a stop failed on the way. Throws AppError, exit code
 * 1, and removes nothing while anything of ours lives: without its files nobody could end it any more.
 */
export async function uninstallFleet(ctx: Context, options: UninstallOptions): Promise<number> {
  const paths = await present(ctx, options);
  const dropIns = (await unitsAreOurs(ctx)) ? await installedDropIns(ctx) : [];
  const list = [...dropIns, ...paths.ours];
  if (options.dryRun) {
    for (const one of await remains(ctx)) ctx.io.out(`would stop  ${one}\n`);
    for (const path of list) ctx.io.out(`would remove  ${path}\n`);
    for (const path of paths.edited) ctx.io.out(`would keep  ${path} (edited by hand)\n`);
    return exitCodes.ok;
  }
  await confirm(ctx, options);
  const isStopped = await stopWhatRuns(ctx);
  const living = await remains(ctx);
  if (living.length > 0) {
    throw new AppError(`nothing was removed, because the fleet still lives: ${living.join(", ")}`, {
      hint: "end that, then run again: mosaic fleet uninstall",
    });
  }
  await endDeliverers(ctx);
  if (await unitsAreOurs(ctx)) await disable(ctx);
  for (const path of dropIns) await removeDropIn(ctx, path);
  for (const path of paths.ours) await ctx.files.remove(path);
  await removeEmptyFolders(ctx);
  for (const path of list) ctx.io.out(`removed  ${path}\n`);
  for (const path of paths.edited) ctx.io.out(`kept  ${path} (edited by hand)\n`);
  await systemctl(ctx, "daemon-reload");
  const roster = rosterFile(ctx.paths);
  if (!options.purge && (await ctx.files.stat(roster)) !== undefined) {
    ctx.io.err(`kept the roster: ${roster}\n  hint: --purge removes it too\n`);
  }
  return isStopped ? exitCodes.ok : exitCodes.failed;
}

async function confirm(ctx: Context, options: UninstallOptions): Promise<void> {
  if (options.yes) return;
  const what = options.purge
    ? "the fleet, its units, the roster and all state"
    : "the fleet and its units";
  const command = `mosaic fleet uninstall${options.purge ? " --purge" : ""} --yes`;
  if (!ctx.io.stdinIsTty) throw usageError(`this removes ${what} and needs --yes here`, command);
  if (!(await ctx.io.confirm(`Stop and remove ${what}?`))) {
    throw new AppError("nothing was removed", { exitCode: exitCodes.refused });
  }
}

interface Present {
  ours: string[];
  edited: string[];
}

/** What of ours is on disk: units, and extracted files whose text is still the one that we wrote. */
async function present(ctx: Context, options: UninstallOptions): Promise<Present> {
  const found: Present = { ours: [], edited: [] };
  for (const unit of (await unitsAreOurs(ctx)) ? [holderUnit, agentUnitTemplate] : []) {
    const path = `${ctx.paths.systemdUser}/${unit}`;
    const text = await ctx.files.readText(path);
    if (text !== undefined)
      (isUntouched(text) || options.purge ? found.ours : found.edited).push(path);
  }
  const record = await readInstallRecord(ctx);
  for (const [relative, sha256] of Object.entries(record?.files ?? {})) {
    const path = `${ctx.paths.config}/${relative}`;
    const bytes = await ctx.files.readBytes(path);
    if (bytes !== undefined) (sha256Hex(bytes) === sha256 ? found.ours : found.edited).push(path);
  }
  if (record !== undefined) found.ours.push(installRecordFile(ctx.paths));
  if (options.purge) await addState(ctx, found);
  return found;
}

/** Messages and answers, what SQLite keeps beside them, and damaged ones that were set aside. */
const storePattern = /^state\.db(-wal|-shm|\..*)?$/;

/** With --purge: whole folders, a site's own files in them included. */
async function addState(ctx: Context, found: Present): Promise<void> {
  const { config, state } = ctx.paths;
  const folders = [
    `${config}/fleet`,
    `${config}/tools`,
    `${state}/agents`,
    `${state}/log`,
    `${state}/cache`,
    lockFiles(ctx.paths).dir,
  ];
  for (const folder of folders) {
    if ((await ctx.files.stat(folder)) !== undefined) found.ours.push(folder);
  }
  const files = (await ctx.files.list(state)).filter(
    (name) => supervisorFilePattern.test(name) || storePattern.test(name),
  );
  found.ours.push(...files.map((name) => `${state}/${name}`));
  found.edited = found.edited.filter(
    (path) => !folders.some((folder) => path.startsWith(`${folder}/`)),
  );
}

/** Folders of the framework that are empty now go too. */
async function removeEmptyFolders(ctx: Context): Promise<void> {
  const { config } = ctx.paths;
  for (const folder of ["tools/fleet", "tools/tmux", "tools", "fleet/examples"]) {
    const path = `${config}/${folder}`;
    const isThere = (await ctx.files.stat(path)) !== undefined;
    if (isThere && (await ctx.files.list(path)).length === 0) await ctx.files.remove(path);
  }
}

/** By the roster, which tells of each agent, and then by what is there. False when a stop failed. */
async function stopWhatRuns(ctx: Context): Promise<boolean> {
  let exitCode: number = exitCodes.ok;
  // Nothing to be told of: who never had one looks by what is there.
  if ((await ctx.files.stat(rosterFile(ctx.paths))) === undefined) return await stopRemains(ctx);
  try {
    exitCode = await stopFleet(ctx, { names: [], json: false });
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    ctx.io.err(`could not stop the fleet by its roster: ${error.message}\n`);
  }
  return (await stopRemains(ctx)) && exitCode === exitCodes.ok;
}

/** By the links that systemd made, which are there for agents that the roster lost long ago, too. */
async function disable(ctx: Context): Promise<void> {
  const units = [...(await enabledAgents(ctx)).map(agentUnit), holderUnit];
  // Without a user manager this fails and says so; the links are what counts.
  await systemctl(ctx, "disable", "--quiet", "--", ...units);
  for (const unit of units) {
    await ctx.files.remove(`${ctx.paths.systemdUser}/default.target.wants/${unit}`);
  }
}
