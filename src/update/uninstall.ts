// `mosaic uninstall`: everything that mosaic put on this host, and by which it can be taken away again. The fleet goes
// first, because without its files nobody could end it; the executable goes last, because it does all this.
import type { Context, FileInfo } from "../context.ts";
import { withoutOurLines } from "../domain/startup-lines.ts";
import { AppError, exitCodes, usageError } from "../errors.ts";
import { uninstallFleet } from "../fleet/uninstall.ts";
import { uninstallGateway } from "../gateway/service/uninstall.ts";
import { uninstallHooks } from "../hooks/install.ts";
import { hookSite } from "../hooks/site.ts";
import { findInstallation, findOwner, type Installation } from "./installation.ts";
import { purgeable } from "./purgeable.ts";
import { tellingOnce, together, tried } from "./uninstall-parts.ts";

export interface UninstallOptions {
  /** Also the roster, the configuration, and all data. */
  purge: boolean;
  yes: boolean;
  dryRun: boolean;
}

/** Exit code 0 when all is gone; throws AppError for what failed, and leaves the executable, when the gateway or the fleet does not end. */
export async function uninstall(given: Context, options: UninstallOptions): Promise<number> {
  const { purge, dryRun } = options;
  const ctx = tellingOnce(given);
  const installation = await findInstallation(ctx);
  const kept = purge ? [] : await foldersOf(ctx);
  const lines = await startupFiles(ctx, installation);
  const files = [
    ...(await completionFiles(ctx)),
    ...(purge ? [...(await hooksConfig(ctx)), ...(await purgeable(ctx))] : []),
    ...(await executables(ctx, installation)),
  ];
  if (!dryRun) await confirm(ctx, options);
  // The gateway asks for agents, so it goes before them; and no hook may be left that names what is gone.
  const gateway = await tried(() => uninstallGateway(ctx, { purge, dryRun, yes: true }));
  const hooks = await tried(() => uninstallHooks(ctx, { dryRun }));
  const fleet = await tried(() => uninstallFleet(ctx, { purge, dryRun, yes: true }));
  const living = [gateway.fault, fleet.fault].filter((fault) => fault !== undefined);
  if (living.length > 0) throw together(living, hooks.fault, "mosaic itself was kept, to end them");
  for (const { path, text } of lines) {
    // The file is a person's own: it stays, with its mode, and where it is a link.
    if (!dryRun) await ctx.files.write(path, text, (await modeOf(ctx, path)) ?? 0o644);
    ctx.io.out(`${dryRun ? "would remove" : "removed"}  our lines in ${path}\n`);
  }
  // What ended above has left locks of its own.
  const late = purge && !dryRun ? await purgeable(ctx) : [];
  for (const path of new Set([...late, ...files])) {
    if (!dryRun) await ctx.files.remove(path);
    ctx.io.out(`${dryRun ? "would remove" : "removed"}  ${path}\n`);
  }
  if (!dryRun) await removeIfEmpty(ctx, installation, purge);
  await tellRest(ctx, { installation, kept });
  // Entries that are left in settings.json run nothing: they look for an executable that is gone.
  if (hooks.fault !== undefined)
    throw together(
      [],
      hooks.fault,
      dryRun ? "all else would go" : "all else is removed, and no hook runs any more",
    );
  return fleet.exitCode;
}

async function confirm(ctx: Context, { purge, yes }: UninstallOptions): Promise<void> {
  if (yes) return;
  const what = purge
    ? "mosaic, its fleet, the roster, the configuration and all data"
    : "mosaic and its fleet";
  const command = `mosaic uninstall${purge ? " --purge" : ""} --yes`;
  if (!ctx.io.stdinIsTty) throw usageError(`this removes ${what} and needs --yes here`, command);
  if (!(await ctx.io.confirm(`Stop and remove ${what}?`))) {
    throw new AppError("nothing was removed", { exitCode: exitCodes.refused });
  }
}

interface StartupFile {
  path: string;
  /** What is left of it. */
  text: string;
}

/** Start-up files of shells that have lines of ours: those of the receipt, and where people put completions. */
async function startupFiles(
  ctx: Context,
  installation: Installation | undefined,
): Promise<StartupFile[]> {
  const { home } = ctx.paths;
  const usual = [".profile", ".bashrc", ".bash_profile", ".zshrc"].map((name) => `${home}/${name}`);
  const paths = new Set([...(installation?.receipt.pathFiles ?? []), ...usual]);
  const found: StartupFile[] = [];
  for (const path of paths) {
    const text = await ctx.files.readText(path);
    const rest = text === undefined ? undefined : withoutOurLines(text);
    if (rest !== undefined) found.push({ path, text: rest });
  }
  return found;
}

/** Which hooks are on and off: kept without --purge, so that a later installation finds it. */
async function hooksConfig(ctx: Context): Promise<string[]> {
  const { config } = hookSite(ctx);
  return (await ctx.files.stat(config)) === undefined ? [] : [config];
}

/** Fish reads completions from files of their own. */
async function completionFiles(ctx: Context): Promise<string[]> {
  const config = ctx.env["XDG_CONFIG_HOME"] ?? `${ctx.paths.home}/.config`;
  const path = `${config}/fish/completions/mosaic.fish`;
  const shipped = new TextDecoder().decode(await ctx.assets.read("completions/mosaic.fish"));
  // What a person changed stays.
  return (await ctx.files.readText(path)) === shipped ? [path] : [];
}

/** The link on the PATH first and the one in use last: killed in between, mosaic can be run again by its full path. */
async function executables(
  ctx: Context,
  installation: Installation | undefined,
): Promise<string[]> {
  if (installation === undefined) return [];
  const { root, receipt, link } = installation;
  const onPath = (await ctx.files.readLink(receipt.link)) === link ? [receipt.link] : [];
  const left = (await ctx.files.list(root)).filter((name) => /^\.(update|install)-/.test(name));
  const own = [...left, "update.lock", "update.json", "previous", "versions", "receipt.json"];
  const present: string[] = [];
  for (const name of own) {
    if ((await ctx.files.stat(`${root}/${name}`)) !== undefined) present.push(`${root}/${name}`);
  }
  return [...onPath, ...present, link];
}

async function modeOf(ctx: Context, path: string): Promise<FileInfo["mode"] | undefined> {
  const info = await ctx.files.stat(path);
  return info?.kind === "file" ? info.mode : undefined;
}

/** Folders that were ours alone. */
async function removeIfEmpty(
  ctx: Context,
  installation: Installation | undefined,
  purge: boolean,
): Promise<void> {
  const { config, state, data } = ctx.paths;
  const folders = [installation?.root, ...(purge ? [state, config, data] : [])];
  for (const folder of folders) {
    if (folder === undefined) continue;
    const isThere = (await ctx.files.stat(folder))?.kind === "directory";
    if (isThere && (await ctx.files.list(folder)).length === 0) await ctx.files.remove(folder);
  }
}

/** Those that are there; looked at in front of it all, for a lock on the way makes one. */
async function foldersOf({ files, paths }: Context): Promise<string[]> {
  const found = [];
  for (const folder of [paths.config, paths.state]) {
    if ((await files.stat(folder)) !== undefined) found.push(folder);
  }
  return found;
}

async function tellRest(
  ctx: Context,
  { installation, kept }: { installation: Installation | undefined; kept: readonly string[] },
): Promise<void> {
  if (kept.length > 0) ctx.io.err(`kept: ${kept.join(" and ")}\n`);
  if (installation !== undefined) return;
  const owner = await findOwner(ctx);
  const command = {
    npm: "npm uninstall --global @mosaicstack/mosaic",
    package: `remove it with ${owner.kind === "ours" ? "" : owner.name}`,
    container: "remove the container",
    copied: `rm ${ctx.paths.executable}`,
    ours: "",
  }[owner.kind];
  ctx.io.err(`the executable itself is not ours to remove\n  hint: ${command}\n`);
}
