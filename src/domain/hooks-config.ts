// hooks-config.json: the hooks that mosaic runs inside Claude Code, and which of them are on. Pure.
// Read by hand and not by valibot, because every step of every session reads it. Over 200 lines because the file's defaults
// and its reader stand together.
import { type ClaudeEvent, claudeEvents, commandHook } from "./claude-home.ts";

/** What a hook of ours does inside this program, without another process. */
export const builtinHooks = ["state", "secrets-guard", "session-log"] as const;

export type BuiltinHook = (typeof builtinHooks)[number];

export interface ManagedHook {
  /** Unique in the file. */
  id: string;
  /** For people; may be empty. */
  about: string;
  events: readonly string[];
  matcher: string | undefined;
  run: { builtin: BuiltinHook } | { program: string };
  /** In seconds. */
  timeout: number;
  isEnabled: boolean;
}

/** A foreign hook that was switched off: cut out of settings.json, and kept here to be put back. */
export interface DisabledForeign {
  id: string;
  event: string;
  matcher: string | undefined;
  /** For people: its command, or its kind. */
  command: string;
  /** Its group, with this hook alone, as JSON: what is put back when the file has changed since. */
  group: unknown;
  /** What was cut, and from which offset; put back there as long as the rest is what this hash says. */
  cut: { at: number; text: string; restSha256: string };
  /** It went with its whole event, and comes back with it. */
  byEvent: boolean;
}

export interface HooksConfig {
  /** False: a person took the entries out of settings.json, and nothing is to run or to be mended. */
  isInstalled: boolean;
  hooks: readonly ManagedHook[];
  /** Events that are off as a whole. */
  offEvents: readonly string[];
  foreign: readonly DisabledForeign[];
}

export const hooksConfigVersion = 1;

/** As Claude Code gives a hook, in seconds (its documentation). */
export const defaultTimeoutSeconds = 60;

const maxTimeoutSeconds = 600;

interface DefaultHook {
  id: BuiltinHook;
  about: string;
  events: readonly ClaudeEvent[];
  matcher?: string;
  enabled: boolean;
}

/** What a site starts with. Off is whatever could surprise. */
const defaultHooks: readonly DefaultHook[] = [
  {
    id: "state",
    about: "tells mosaic what an agent of its fleet does; does nothing in your own sessions",
    events: claudeEvents.filter((event) => event !== "SubagentStop" && event !== "PreCompact"),
    enabled: true,
  },
  {
    id: "secrets-guard",
    about: "refuses to write into files that hold keys and passwords",
    events: ["PreToolUse"],
    matcher: "Edit|MultiEdit|NotebookEdit|Write",
    enabled: false,
  },
  {
    id: "session-log",
    about: "keeps a log of sessions and tools, without texts, in log/claude-sessions.jsonl",
    events: ["SessionStart", "UserPromptSubmit", "PreToolUse", "Stop", "SessionEnd"],
    enabled: false,
  },
];

/** The file as it is first written. */
export function defaultHooksConfig(): string {
  const hooks = defaultHooks.map(({ id, about, events, matcher, enabled }) => ({
    id,
    about,
    events,
    ...(matcher === undefined ? {} : { matcher }),
    builtin: id,
    enabled,
  }));
  const events = Object.fromEntries(claudeEvents.map((event) => [event, true]));
  const file = { version: hooksConfigVersion, events, hooks, foreign: [] };
  // Lists of words on one line each: the file is read by people.
  const text = JSON.stringify(file, null, 2).replaceAll(
    /\[\s+("[A-Za-z]+"(?:,\s+"[A-Za-z]+")*)\s+\]/g,
    (_, words: string) => `[${words.replaceAll(/,\s+/g, ", ")}]`,
  );
  return `${text}\n`;
}

/** What the file says, and in words what is wrong with it; a hook with a fault is left out. Never throws. */
export function parseHooksConfig(text: string): { config: HooksConfig; faults: string[] } {
  const faults: string[] = [];
  let file: unknown;
  try {
    file = JSON.parse(text);
  } catch {
    faults.push("not valid JSON");
  }
  const top = fieldsOf(file);
  const version = top.get("version");
  if (faults.length === 0 && version !== hooksConfigVersion) {
    const newer = typeof version === "number" && version > hooksConfigVersion;
    faults.push(newer ? `version ${version} is of a newer mosaic` : "version: expected 1");
  }
  const offEvents = [...fieldsOf(top.get("events"))]
    .filter(([, isOn]) => isOn === false)
    .map(([event]) => event);
  const hooks = listOf(top.get("hooks")).flatMap((value, index) => {
    const hook = hookOf(value);
    if (typeof hook !== "string") return [hook];
    faults.push(`hooks[${index}]: ${hook}`);
    return [];
  });
  const ids = hooks.map(({ id }) => id);
  for (const id of new Set(ids.filter((one, index) => ids.indexOf(one) !== index))) {
    faults.push(`two hooks are called ${id}`);
  }
  const foreign = listOf(top.get("foreign")).flatMap((value) => foreignOf(value));
  const isInstalled = top.get("installed") !== false;
  return { config: { isInstalled, hooks, offEvents, foreign }, faults };
}

/** Those that run at this event, before their matchers are asked. */
export function hooksAt(
  { isInstalled, hooks, offEvents }: HooksConfig,
  event: string,
): ManagedHook[] {
  if (!isInstalled || offEvents.includes(event)) return [];
  return hooks.filter(({ isEnabled, events }) => isEnabled && events.includes(event));
}

/** The hook, or what is wrong with it. */
function hookOf(value: unknown): ManagedHook | string {
  const fields = fieldsOf(value);
  const id = fields.get("id");
  if (typeof id !== "string" || !/^[A-Za-z][\w.-]{0,63}$/.test(id)) return "expected an id";
  const events = listOf(fields.get("events")).filter((event) => typeof event === "string");
  if (events.length === 0) return `${id}: expected events, a list of names`;
  const unknown = events.find((event) => !isClaudeEvent(event));
  if (unknown !== undefined) return `${id}: mosaic runs no hook at ${JSON.stringify(unknown)}`;
  const matcher = fields.get("matcher");
  if (matcher !== undefined && typeof matcher !== "string")
    return `${id}: expected a text as matcher`;
  const run = runOf(fields);
  if (run === undefined)
    return `${id}: expected a command or a builtin (${builtinHooks.join(", ")})`;
  const timeout = fields.get("timeout") ?? defaultTimeoutSeconds;
  if (typeof timeout !== "number" || !(timeout > 0 && timeout <= maxTimeoutSeconds)) {
    return `${id}: expected a timeout of at most ${maxTimeoutSeconds} seconds`;
  }
  const about = fields.get("about");
  const isEnabled = fields.get("enabled") !== false;
  return {
    id,
    about: typeof about === "string" ? about : "",
    events,
    matcher,
    run,
    timeout,
    isEnabled,
  };
}

function runOf(fields: ReadonlyMap<string, unknown>): ManagedHook["run"] | undefined {
  const [builtin, command] = [fields.get("builtin"), fields.get(commandHook.type)];
  if (typeof command === "string" && command !== "" && builtin === undefined)
    return { program: command };
  const known = builtinHooks.find((name) => name === builtin);
  return known === undefined || command !== undefined ? undefined : { builtin: known };
}

function foreignOf(value: unknown): DisabledForeign[] {
  const fields = fieldsOf(value);
  const cut = fieldsOf(fields.get("cut"));
  const [id, event, matcher, command, text, at, restSha256] = [
    ...["id", "event", "matcher", commandHook.type].map((name) => fields.get(name)),
    ...["text", "at", "restSha256"].map((name) => cut.get(name)),
  ];
  if (typeof id !== "string" || typeof event !== "string" || typeof text !== "string") return [];
  return [
    {
      id,
      event,
      matcher: typeof matcher === "string" ? matcher : undefined,
      command: typeof command === "string" ? command : "",
      group: fields.get("group"),
      cut: { at: typeof at === "number" ? at : -1, text, restSha256: String(restSha256) },
      byEvent: fields.get("byEvent") === true,
    },
  ];
}

function isClaudeEvent(event: string): boolean {
  return claudeEvents.some((known) => known === event);
}

function fieldsOf(value: unknown): Map<string, unknown> {
  const isMap = typeof value === "object" && value !== null && !Array.isArray(value);
  return new Map(isMap ? Object.entries(value) : []);
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}
