// `mosaic config hooks enable|disable NAME`: an event, a hook of ours, or a foreign one. What is ours is switched in
// hooks-config.json alone, which a running session reads at its next step.
import type { Context } from "../context.ts";
import { claudeEvents } from "../domain/claude-home.ts";
import { cutForeign, foreignId, putBackForeign } from "../domain/foreign-hooks.ts";
import { forgetForeign, noteForeign, switchEvent, switchHook } from "../domain/hook-switches.ts";
import { parseHooksConfig } from "../domain/hooks-config.ts";
import { readJson } from "../domain/json-text.ts";
import { settingsHooks } from "../domain/claude-entries.ts";
import { suggest } from "../domain/suggest.ts";
import { AppError, exitCodes, usageError } from "../errors.ts";
import { editSettings, lockSettings } from "./edit-settings.ts";
import { hookSite, type HookSite, readClaudeSettings, requireHooksConfig } from "./site.ts";

export interface Toggle {
  /** An event such as PostToolUse, or a hook's id. */
  name: string;
  isOn: boolean;
}

/**
 * Exit 0, also when it was so already. Throws AppError: exit 2 for a name that nothing has, exit 4 when a file cannot be
 * read.
 */
export async function toggleHook(ctx: Context, { name, isOn }: Toggle): Promise<number> {
  const site = hookSite(ctx);
  const { config } = await requireHooksConfig(ctx, site);
  const { hooks } = await readClaudeSettings(ctx, site);
  const foreign = hooks.filter((hook) => !hook.isOurs);
  const cut = config.foreign;
  if (claudeEvents.some((event) => event === name)) {
    const own = foreign.filter(({ event }) => event === name).map(foreignId);
    const gone = cut.filter(({ event }) => event === name).map(({ id }) => id);
    await switchOurs(ctx, site, (text) =>
      switchEvent(text, { event: name, isOn, file: site.config }),
    );
    // Last cut, first back: so the old bytes return.
    for (const id of isOn ? gone.toReversed() : own)
      await switchForeign(ctx, site, { name: id, isOn });
    const count = isOn ? gone.length : own.length;
    const others = count === 0 ? "" : `, ${count} of them not mosaic's`;
    ctx.io.err(`${isOn ? "enabled" : "disabled"} the hooks of ${name}${others}\n`);
    if (count > 0) tellForeign(ctx);
    tellOff(ctx, {
      name,
      isOn,
      off: config.hooks.filter((hook) => !hook.isEnabled && hook.events.includes(name)),
    });
    return exitCodes.ok;
  }
  if (config.hooks.some(({ id }) => id === name)) {
    await switchOurs(ctx, site, (text) => switchHook(text, { id: name, isOn, file: site.config }));
    ctx.io.err(`${isOn ? "enabled" : "disabled"} ${name}\n`);
    const off = config.hooks
      .find(({ id }) => id === name)
      ?.events.filter((event) => config.offEvents.includes(event));
    if (isOn && off !== undefined && off.length > 0) {
      ctx.io.err(
        `  but these events are off: ${off.join(", ")} (mosaic config hooks enable ${off[0]})\n`,
      );
    }
    return exitCodes.ok;
  }
  const known = [...foreign.map(foreignId), ...cut.map(({ id }) => id)];
  if (!known.includes(name)) {
    const names = [...claudeEvents, ...config.hooks.map(({ id }) => id), ...known];
    const near = suggest(name, names);
    throw usageError(
      `there is no event and no hook ${JSON.stringify(name)}`,
      near === undefined ? "mosaic config hooks list" : `did you mean ${near}?`,
    );
  }
  await switchForeign(ctx, site, { name, isOn });
  ctx.io.err(`${isOn ? "enabled" : "disabled"} ${name}, which is not mosaic's\n`);
  tellForeign(ctx);
  return exitCodes.ok;
}

async function switchOurs(
  ctx: Context,
  site: HookSite,
  edit: (text: string) => string,
): Promise<void> {
  using _ = await lockSettings(ctx);
  const { text } = await requireHooksConfig(ctx, site);
  const next = edit(text);
  if (next === text) return;
  mustBeValid(next, site);
  const mode = (await ctx.files.stat(site.config))?.mode ?? 0o600;
  await ctx.files.write(site.config, next, mode);
}

/** A foreign hook is cut out of settings.json and kept in our file, or put back. The keeping comes first. */
async function switchForeign(ctx: Context, site: HookSite, { name, isOn }: Toggle): Promise<void> {
  const { settings: file, config } = site;
  if (isOn) {
    const { foreign } = (await requireHooksConfig(ctx, site)).config;
    const found = foreign.findLast(({ id }) => id === name);
    if (found === undefined) return;
    await editSettings(ctx, { file, edit: (text) => putBackForeign(text, { ...found, file }) });
    await switchOurs(ctx, site, (text) => forgetForeign(text, { id: name, file: config }));
    return;
  }
  const find = (text: string) =>
    settingsHooks(readJson(text, file), text).find((hook) => foreignId(hook) === name);
  const before = (await ctx.files.readText(file)) ?? "{}";
  const hook = find(before);
  if (hook === undefined) return;
  const { cut } = cutForeign(before, { hook, file });
  await switchOurs(ctx, site, (text) => noteForeign(text, { cut, file: config }));
  await editSettings(ctx, {
    file,
    edit(text = "{}") {
      const now = find(text);
      return now === undefined ? text : cutForeign(text, { hook: now, file }).rest;
    },
  });
}

function mustBeValid(text: string, { config: file }: HookSite): void {
  const { faults } = parseHooksConfig(text);
  if (faults.length === 0) return;
  throw new AppError(`${file} would not be valid any more: ${faults.join("; ")}`);
}

function tellForeign(ctx: Context): void {
  ctx.io.err(
    "  a running session may go on with the settings that it has read; a new one takes these\n",
  );
}

function tellOff(
  ctx: Context,
  { name, isOn, off }: { name: string; isOn: boolean; off: readonly { id: string }[] },
): void {
  if (!isOn || off.length === 0) return;
  const ids = off.map(({ id }) => id).join(", ");
  ctx.io.err(
    `  still off by themselves: ${ids} (mosaic config hooks enable ${off[0]?.id ?? name})\n`,
  );
}
