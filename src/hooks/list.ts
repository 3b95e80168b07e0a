// `mosaic config hooks list`: every hook of this person's Claude Code, ours and foreign, and whether it is on.
import type { Context } from "../context.ts";
import type { SettingsHook } from "../domain/claude-entries.ts";
import { foreignId } from "../domain/foreign-hooks.ts";
import type { HooksConfig, ManagedHook } from "../domain/hooks-config.ts";
import { formatTable } from "../domain/table.ts";
import { exitCodes } from "../errors.ts";
import { hookSite, readClaudeSettings, readHooksConfig } from "./site.ts";

export interface HookRow {
  id: string;
  events: readonly string[];
  matcher: string | null;
  /** A command, or what a hook of ours does. */
  command: string;
  /** Whether it runs, at those of its events that are on. */
  enabled: boolean;
  /** Of its events, those that are off as a whole. */
  offEvents: readonly string[];
  /** The file that says so. */
  source: string;
  isForeign: boolean;
}

/** Exit 0. Throws AppError (exit 4) when one of the files cannot be read. */
export async function listHooks(ctx: Context, { json }: { json: boolean }): Promise<number> {
  const site = hookSite(ctx);
  const ours = await readHooksConfig(ctx, site);
  const { hooks, disablesAll } = await readClaudeSettings(ctx, site);
  const rows = [
    ...rowsOfOurs(ours?.config, site.config),
    ...rowsOfForeign(hooks, site.settings),
    ...rowsOfCut(ours?.config, site.config),
  ];
  const isInstalled = ours?.config.isInstalled === true && hooks.some(({ isOurs }) => isOurs);
  if (json) {
    const { dir, source } = site.home;
    const told = {
      schemaVersion: 1,
      home: dir,
      homeFrom: source,
      isInstalled,
      disablesAll,
      hooks: rows,
    };
    ctx.io.out(`${JSON.stringify(told, null, 2)}\n`);
    return exitCodes.ok;
  }
  if (rows.length > 0) ctx.io.out(tableOf(rows, ctx));
  if (!isInstalled) {
    ctx.io.err(
      `mosaic's hooks are not installed in ${site.home.dir}: mosaic config hooks repair\n`,
    );
  }
  if (disablesAll) ctx.io.err(`disableAllHooks is set in ${site.settings}: none of them runs\n`);
  return exitCodes.ok;
}

function rowsOfOurs(config: HooksConfig | undefined, source: string): HookRow[] {
  return (config?.hooks ?? []).map((hook) => ({
    id: hook.id,
    events: hook.events,
    matcher: hook.matcher ?? null,
    command: wordsOf(hook),
    enabled: hook.isEnabled,
    offEvents: hook.events.filter((event) => config?.offEvents.includes(event)),
    source,
    isForeign: false,
  }));
}

function wordsOf({ run, about }: ManagedHook): string {
  return "program" in run ? run.program : about || run.builtin;
}

function rowsOfForeign(hooks: readonly SettingsHook[], source: string): HookRow[] {
  return hooks
    .filter(({ isOurs }) => !isOurs)
    .map((hook) => ({
      id: foreignId(hook),
      events: [hook.event],
      matcher: hook.matcher ?? null,
      command: hook.command,
      enabled: true,
      offEvents: [],
      source,
      isForeign: true,
    }));
}

function rowsOfCut(config: HooksConfig | undefined, source: string): HookRow[] {
  return (config?.foreign ?? []).map(({ id, event, matcher, command }) => ({
    id,
    events: [event],
    matcher: matcher ?? null,
    command,
    enabled: false,
    offEvents: [],
    source,
    isForeign: true,
  }));
}

function tableOf(rows: readonly HookRow[], { io }: Context): string {
  return formatTable({
    headers: ["HOOK", "STATUS", "EVENTS", "MATCHER", "FROM", "WHAT IT DOES"],
    rows: rows.map(({ id, enabled, events, offEvents, matcher, command, source }) => [
      id,
      statusOf({ enabled, events, offEvents }),
      eventsOf({ events, offEvents }),
      matcher ?? "",
      // Both are in the folder that is told elsewhere.
      source.slice(source.lastIndexOf("/") + 1),
      command,
    ]),
    columns: io.stdoutIsTty ? io.columns : Infinity,
  });
}

const mostNamed = 2;

/** `PreToolUse`, or `10 events`, and of them those that are off. */
function eventsOf({ events, offEvents }: Pick<HookRow, "events" | "offEvents">): string {
  const named = events.length > mostNamed ? `${events.length} events` : events.join(", ");
  return offEvents.length === 0 ? named : `${named}, off: ${offEvents.join(", ")}`;
}

/** `partly`: some of its events are off. */
function statusOf({
  enabled,
  events,
  offEvents,
}: Pick<HookRow, "enabled" | "events" | "offEvents">) {
  if (!enabled || offEvents.length === events.length) return "disabled";
  return offEvents.length === 0 ? "enabled" : "partly";
}
