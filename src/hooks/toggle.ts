// `mosaic config hooks enable|disable NAME`: an event, a hook of ours, or a foreign one. What is ours is switched in
// hooks-config.json alone, which a running session reads at its next step.
import type { Context } from "../context.ts";
import { claudeEvents } from "../domain/claude-home.ts";
import { foreignId } from "../domain/foreign-hooks.ts";
import { switchEvent, switchHook } from "../domain/hook-switches.ts";
import { type HooksConfig, parseHooksConfig } from "../domain/hooks-config.ts";
import { suggest } from "../domain/suggest.ts";
import { AppError, exitCodes, usageError } from "../errors.ts";
import { lockSettings } from "./edit-settings.ts";
import {
  hookSite,
  type HookSite,
  readClaudeSettings,
  requireHooksConfig,
  writeHooksConfig,
} from "./site.ts";
import { cutOut, putBack } from "./toggle-foreign.ts";

export interface Toggle {
  /** An event such as PostToolUse, or a hook's id. */
  name: string;
  isOn: boolean;
  /** Says what would be done, and does nothing. */
  dryRun: boolean;
}

interface Toggling extends Toggle {
  site: HookSite;
  config: HooksConfig;
  /** Ids of foreign hooks in settings.json, by their events; one may stand there several times. */
  foreign: readonly { id: string; event: string }[];
}

/**
 * Exit 0, also when it was so already. Throws AppError: exit 2 for a name that nothing has, exit 4 when a file cannot be
 * read.
 */
export async function toggleHook(ctx: Context, toggle: Toggle): Promise<number> {
  const site = hookSite(ctx);
  const { config } = await requireHooksConfig(ctx, site);
  const { hooks } = await readClaudeSettings(ctx, site);
  const foreign = hooks
    .filter(({ isOurs }) => !isOurs)
    .map((hook) => ({ id: foreignId(hook), event: hook.event }));
  const toggling = { ...toggle, site, config, foreign };
  // Also one that mosaic runs nothing at, where somebody else does.
  const events = [...claudeEvents, ...[...foreign, ...config.foreign].map(({ event }) => event)];
  if (events.includes(toggle.name)) await toggleEvent(ctx, toggling);
  else if (config.hooks.some(({ id }) => id === toggle.name)) await toggleOurs(ctx, toggling);
  else await toggleForeign(ctx, toggling);
  if (toggle.isOn && !config.isInstalled) {
    ctx.io.err("  but mosaic's hooks are not installed: mosaic config hooks repair\n");
  }
  return exitCodes.ok;
}

async function toggleEvent(ctx: Context, toggling: Toggling): Promise<void> {
  const { name, isOn, site, config, foreign } = toggling;
  const own = foreign.filter(({ event }) => event === name).map(({ id }) => id);
  // Last cut, first back: so the old bytes return. One that was switched off by itself stays off.
  const cut = config.foreign.filter(({ event }) => event === name);
  const gone = cut.filter(({ byEvent }) => byEvent).map(({ id }) => id);
  const others = isOn ? gone.toReversed() : own;
  const isSo = config.offEvents.includes(name) === !isOn && others.length === 0;
  const also = others.length === 0 ? "" : `, ${others.length} of them not mosaic's`;
  await switchOurs(ctx, toggling, (text) =>
    switchEvent(text, { event: name, isOn, file: site.config }),
  );
  for (const id of others) await switchForeign(ctx, toggling, { id, byEvent: true });
  tell(ctx, toggling, { isSo, what: `the hooks of ${name}${also}` });
  if (others.length > 0) tellForeign(ctx);
  const off = [
    ...config.hooks.filter((hook) => !hook.isEnabled && hook.events.includes(name)),
    ...cut.filter(({ byEvent }) => !byEvent),
  ].map(({ id }) => id);
  if (isOn && off.length > 0) {
    ctx.io.err(
      `  still off by themselves: ${off.join(", ")} (mosaic config hooks enable ${off[0]})\n`,
    );
  }
}

async function toggleOurs(ctx: Context, toggling: Toggling): Promise<void> {
  const { name, isOn, site, config } = toggling;
  const hook = config.hooks.find(({ id }) => id === name);
  await switchOurs(ctx, toggling, (text) =>
    switchHook(text, { id: name, isOn, file: site.config }),
  );
  tell(ctx, toggling, { isSo: hook?.isEnabled === isOn, what: name });
  const off = hook?.events.filter((event) => config.offEvents.includes(event)) ?? [];
  if (isOn && off.length > 0) {
    ctx.io.err(
      `  but these events are off: ${off.join(", ")} (mosaic config hooks enable ${off[0]})\n`,
    );
  }
}

async function toggleForeign(ctx: Context, toggling: Toggling): Promise<void> {
  const { name, isOn, config, foreign } = toggling;
  const there = foreign.filter(({ id }) => id === name);
  const gone = config.foreign.filter(({ id }) => id === name);
  if (there.length + gone.length === 0) {
    const known = [...foreign, ...config.foreign].map(({ id }) => id);
    const names = [...claudeEvents, ...config.hooks.map(({ id }) => id), ...known];
    const near = suggest(name, names);
    throw usageError(
      `there is no event and no hook ${JSON.stringify(name)}`,
      near === undefined ? "mosaic config hooks list" : `did you mean ${near}?`,
    );
  }
  const all = isOn ? gone : there;
  for (const { id } of all) await switchForeign(ctx, toggling, { id, byEvent: false });
  tell(ctx, toggling, { isSo: all.length === 0, what: `${name}, which is not mosaic's` });
  if (all.length > 0) tellForeign(ctx);
}

async function switchOurs(
  ctx: Context,
  { site, dryRun }: Pick<Toggling, "site" | "dryRun">,
  edit: (text: string) => string,
): Promise<void> {
  if (dryRun) return;
  using _ = await lockSettings(ctx);
  const { text } = await requireHooksConfig(ctx, site);
  const next = edit(text);
  if (next === text) return;
  const { faults } = parseHooksConfig(next);
  if (faults.length > 0) {
    throw new AppError(`${site.config} would not be valid any more: ${faults.join("; ")}`);
  }
  await writeHooksConfig(ctx, site, next);
}

async function switchForeign(
  ctx: Context,
  toggling: Toggling,
  { id, byEvent }: { id: string; byEvent: boolean },
): Promise<void> {
  if (toggling.dryRun) return;
  const change = {
    id,
    site: toggling.site,
    keep: async (edit: (text: string) => string) => await switchOurs(ctx, toggling, edit),
  };
  if (toggling.isOn) await putBack(ctx, change);
  else await cutOut(ctx, { ...change, byEvent });
}

function tell(
  ctx: Context,
  { isOn, dryRun }: Toggle,
  { isSo, what }: { isSo: boolean; what: string },
): void {
  const verb = isOn ? "enable" : "disable";
  if (isSo) ctx.io.err(`already ${verb}d: ${what}\n`);
  else ctx.io.err(dryRun ? `would ${verb} ${what}\n` : `${verb}d ${what}\n`);
}

function tellForeign(ctx: Context): void {
  ctx.io.err(
    "  a running session may go on with the settings that it has read; a new one takes these\n",
  );
}
