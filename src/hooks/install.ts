// Puts mosaic's hooks into Claude Code's settings, mends them, and takes them out again.
import type { Context } from "../context.ts";
import { withEntries, withoutEntries } from "../domain/claude-entries.ts";
import { defaultHooksConfig } from "../domain/hooks-config.ts";
import { switchInstalled } from "../domain/hook-switches.ts";
import { oneLine } from "../domain/terminal-text.ts";
import { AppError, exitCodes } from "../errors.ts";
import { backupsOf, editSettings, lockSettings, readSettings } from "./edit-settings.ts";
import { hookSite, type HookSite, readHooksConfig, writeHooksConfig } from "./site.ts";

export interface RepairOptions {
  dryRun: boolean;
}

/** What an installation did, or would do; empty when all is as it should be. */
export interface HooksInstall {
  /** Files that were written, absolute. */
  written: readonly string[];
  backup: string | undefined;
}

/**
 * Brings settings.json and hooks-config.json to what they should be, whatever state they are in; what is there already
 * stays. Throws AppError (exit 4) when one of them cannot be read; nothing is written then.
 */
export async function installHooks(ctx: Context, { dryRun }: RepairOptions): Promise<HooksInstall> {
  const site = hookSite(ctx);
  const edit = (text: string | undefined) => withEntries(text, entriesOf(site));
  if (dryRun) {
    const ours = (await changedConfig(ctx, site)) === undefined ? [] : [site.config];
    const before = await readSettings(ctx, site.settings);
    const changes = edit(before) === before ? [] : [site.settings];
    return { written: [...ours, ...changes], backup: undefined };
  }
  // What takes no entry is refused before anything is written.
  edit(await readSettings(ctx, site.settings));
  // Ours first: an entry without it does nothing, and it without an entry too.
  const ours = (await putConfig(ctx, site)) ? [site.config] : [];
  const { changed, backup } = await editSettings(ctx, { file: site.settings, edit });
  return { written: changed ? [...ours, site.settings] : ours, backup };
}

/** hooks-config.json of an installation; undefined when it is so already. What was switched stays so, also through an uninstallation. */
async function changedConfig(ctx: Context, site: HookSite): Promise<string | undefined> {
  const present = await readHooksConfig(ctx, site);
  if (present === undefined) return defaultHooksConfig();
  const text = switchInstalled(present.text, { isOn: true, file: site.config });
  return text === present.text ? undefined : text;
}

/** Whether it was written. Alone, or what another mosaic switches meanwhile, or keeps of a foreign hook, would be lost. */
async function putConfig(ctx: Context, site: HookSite): Promise<boolean> {
  using _ = await lockSettings(ctx);
  const text = await changedConfig(ctx, site);
  if (text !== undefined) await writeHooksConfig(ctx, site, text);
  return text !== undefined;
}

/** `config hooks repair`: exit 0 when all is as it should be by then. */
export async function repairHooks(ctx: Context, options: RepairOptions): Promise<number> {
  const { written, backup } = await installHooks(ctx, options);
  const verb = options.dryRun ? "would write" : "wrote";
  for (const file of written) ctx.io.err(`${verb} ${file}\n`);
  if (backup !== undefined) ctx.io.err(`kept the old settings: ${backup}\n`);
  if (written.length === 0) ctx.io.err("nothing to repair: the hooks are as they should be\n");
  return exitCodes.ok;
}

/**
 * `config hooks uninstall`: settings.json as it was before us, to the byte when nothing else has changed in it since.
 * hooks-config.json stays, so that a later installation finds what was switched; it says that this was wanted.
 */
export async function uninstallHooks(ctx: Context, { dryRun }: RepairOptions): Promise<number> {
  const site = hookSite(ctx);
  const before = await readSettings(ctx, site.settings).catch(async (error: unknown) => {
    // The entries have to stay there, and run nothing from now on.
    if (!dryRun) await noteUninstalled(ctx, site);
    throw error;
  });
  const hasNone = before === undefined || withoutEntries(before, site.settings) === before;
  if (hasNone) ctx.io.err(`no hook of mosaic stands in ${site.settings}\n`);
  else if (dryRun) ctx.io.err(`would take mosaic's hooks out of ${site.settings}\n`);
  if (dryRun) return exitCodes.ok;
  // First, so that nothing mends the entries while they go, and a session that has read them runs none.
  await noteUninstalled(ctx, site);
  if (hasNone) return exitCodes.ok;
  const known = await knownBefore(ctx, site);
  const edit = (text: string | undefined): string => {
    if (text === undefined) return "{}\n";
    const whole = known.find((one) => withEntries(one, entriesOf(site)) === text);
    return whole ?? withoutEntries(text, site.settings);
  };
  const { backup } = await editSettings(ctx, { file: site.settings, edit });
  ctx.io.err(`took mosaic's hooks out of ${site.settings}\n`);
  if (backup !== undefined) ctx.io.err(`kept the old settings: ${backup}\n`);
  return exitCodes.ok;
}

async function noteUninstalled(ctx: Context, site: HookSite): Promise<void> {
  using _ = await lockSettings(ctx);
  const present = await readNotable(ctx, site);
  if (present === undefined) return;
  const text = switchInstalled(present.text, { isOn: false, file: site.config });
  if (text !== present.text) await writeHooksConfig(ctx, site, text);
  for (const { id, command } of present.config.foreign) {
    ctx.io.err(`  still off: ${id} (${oneLine(command)}); mosaic config hooks enable ${id}\n`);
  }
}

/** A damaged file runs no hook, and what keeps the entries from going would keep them for ever. */
async function readNotable(ctx: Context, site: HookSite): ReturnType<typeof readHooksConfig> {
  try {
    return await readHooksConfig(ctx, site);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    ctx.io.err(`  left as it is: ${error.message}\n`);
    return undefined;
  }
}

/** Texts from before an installation, the newest first: one that installs to what is there now is what it was. */
async function knownBefore(ctx: Context, { settings }: HookSite): Promise<string[]> {
  const texts = [];
  for (const path of await backupsOf(ctx, settings)) {
    const text = await ctx.files.readText(path);
    if (text !== undefined && isFree(text, settings)) texts.push(text);
  }
  return texts;
}

/** Whether it is a settings.json without an entry of ours; one that is empty is. A copy that is torn helps nobody, and hinders nothing. */
function isFree(text: string, file: string): boolean {
  try {
    return withoutEntries(text, file) === text;
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return false;
  }
}

function entriesOf({ settings, target }: HookSite) {
  return { target, file: settings };
}
