// Where the hooks of this person's Claude Code are, and what they say now.
import { readUtf8 } from "../config/utf8-text.ts";
import type { Context } from "../context.ts";
import { type EntryTarget, settingsHooks, type SettingsHook } from "../domain/claude-entries.ts";
import {
  claudeHome,
  type ClaudeHome,
  hooksConfigFile,
  settingsFile,
} from "../domain/claude-home.ts";
import { type HooksConfig, parseHooksConfig } from "../domain/hooks-config.ts";
import { readJson, valueOf } from "../domain/json-text.ts";
import { shellQuote } from "../domain/shell-word.ts";
import { AppError, exitCodes, usageError } from "../errors.ts";
import { readSettings } from "./edit-settings.ts";

export interface HookSite {
  home: ClaudeHome;
  /** settings.json and hooks-config.json. */
  settings: string;
  config: string;
  target: EntryTarget;
}

/** Throws AppError (exit 2) when HOME or CLAUDE_HOME is no absolute path. */
export function hookSite(ctx: Context): HookSite {
  const home = claudeHome(ctx.env, { home: ctx.paths.home });
  return {
    home,
    settings: settingsFile(home.dir),
    config: hooksConfigFile(home.dir),
    target: {
      self: ctx.paths.self,
      claudeHome: home.source === "CLAUDE_HOME" ? home.dir : undefined,
    },
  };
}

/** Our file; undefined when there is none. Throws AppError (exit 4) when it is damaged or newer. */
export async function readHooksConfig(
  ctx: Context,
  { config: file }: HookSite,
): Promise<{ text: string; config: HooksConfig } | undefined> {
  const text = await readUtf8(ctx, file);
  if (text === undefined) return undefined;
  const { config, faults } = parseHooksConfig(text);
  if (faults.length === 0) return { text, config };
  throw new AppError(`${file}: ${faults.join("; ")}`, {
    exitCode: exitCodes.refused,
    hint: `mend it by hand, or start anew: ${startAnew(file)}`,
  });
}

/** Commands; what was switched stands in the file that is set aside. */
export function startAnew(file: string): string {
  return `mv ${shellQuote(file)} ${shellQuote(`${file}.old`)}; mosaic config hooks repair`;
}

/** Keeps the mode that a person gave it. */
export async function writeHooksConfig(
  ctx: Context,
  { config: file }: HookSite,
  text: string,
): Promise<void> {
  const mode = (await ctx.files.stat(file))?.mode ?? 0o600;
  await ctx.files.write(file, text, mode & 0o777);
}

/** The same where there has to be one. Throws AppError (exit 2) as well when there is none. */
export async function requireHooksConfig(
  ctx: Context,
  site: HookSite,
): Promise<{ text: string; config: HooksConfig }> {
  const found = await readHooksConfig(ctx, site);
  if (found !== undefined) return found;
  throw usageError(`no hooks are installed in ${site.home.dir}`, "mosaic config hooks repair");
}

export interface ReadSettings {
  /** undefined: there is no settings.json. */
  text: string | undefined;
  hooks: readonly SettingsHook[];
  /** Somebody switched every hook off, ours included. */
  disablesAll: boolean;
}

/** Claude Code's file. Throws AppError (exit 4) when it is no valid JSON. */
export async function readClaudeSettings(ctx: Context, site: HookSite): Promise<ReadSettings> {
  const text = await readSettings(ctx, site.settings);
  if (text === undefined || text.trim() === "") return { text, hooks: [], disablesAll: false };
  const root = readJson(text, site.settings);
  const whole = valueOf(text, root);
  const disablesAll =
    typeof whole === "object" &&
    whole !== null &&
    "disableAllHooks" in whole &&
    whole.disableAllHooks === true;
  return { text, hooks: settingsHooks(root, text), disablesAll };
}
