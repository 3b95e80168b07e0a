// Our entries in Claude Code's settings.json: one per event, always the same. What they run is decided in
// hooks-config.json, so switching a hook never touches settings.json. Pure.
// Over 200 lines because what is added and what is taken away again stand together.
import { type ClaudeEvent, claudeEvents, commandHook } from "./claude-home.ts";
import {
  appendElement,
  appendMember,
  type JsonNode,
  memberOf,
  readJson,
  removeElement,
  removeMember,
  replaceNode,
  valueOf,
} from "./json-text.ts";
import { AppError, exitCodes } from "../errors.ts";
import { shellWord } from "./shell-word.ts";

export interface EntryTarget {
  /** argv prefix that runs mosaic. */
  self: readonly string[];
  /** CLAUDE_HOME, where it was set when the entry was made: a session need not have it. */
  claudeHome: string | undefined;
}

/** Each hook has its own timeout below this one, in seconds. */
const entryTimeoutSeconds = 600;

/** Tells an entry of ours, whatever binary it names. */
const entryPattern = /\bhook run ([A-Za-z]+) --claude$/;

/**
 * The command of an entry. It ends well when the binary is gone: a session that outlives mosaic must not notice. What is
 * run replaces the shell.
 */
export function entryCommand(event: string, { self, claudeHome }: EntryTarget): string {
  const [binary = "", ...rest] = self.map(shellWord);
  const home = claudeHome === undefined ? "" : `export CLAUDE_HOME=${shellWord(claudeHome)}; `;
  const command = [binary, ...rest, "hook", "run", event, "--claude"].join(" ");
  return `[ -x ${binary} ] || exit 0; ${home}exec ${command}`;
}

function entryOf(event: string, target: EntryTarget): unknown {
  const command = entryCommand(event, target);
  return { hooks: [{ ...commandHook, command, timeout: entryTimeoutSeconds }] };
}

/** One hook of settings.json. */
export interface SettingsHook {
  event: string;
  /** The index of its group in the event, and its own in the group. */
  group: number;
  index: number;
  matcher: string | undefined;
  /** The command, or for another kind of hook what it says. */
  command: string;
  isOurs: boolean;
}

/** Every hook in a settings.json, in its order; what has another shape than Claude Code's is passed over. */
export function settingsHooks(root: JsonNode, text: string): SettingsHook[] {
  const found: SettingsHook[] = [];
  const hooks = memberOf(root, "hooks");
  if (hooks?.kind !== "object") return found;
  for (const { key: event, node } of hooks.members) {
    // Of an event that is written twice the last one counts, as for JSON.parse.
    if (node.kind !== "array" || node !== memberOf(hooks, event)) continue;
    for (const [group, element] of node.elements.entries()) {
      const matcher = memberOf(element, "matcher");
      const list = memberOf(element, "hooks");
      if (list?.kind !== "array") continue;
      for (const [index, hook] of list.elements.entries()) {
        const command = commandOf(hook, text);
        const isOurs = entryPattern.exec(command)?.[1] === event;
        const words = matcher?.kind === "scalar" ? String(matcher.value) : undefined;
        found.push({ event, group, index, matcher: words, command, isOurs });
      }
    }
  }
  return found;
}

function commandOf(hook: JsonNode, text: string): string {
  const type = memberOf(hook, "type");
  const command = memberOf(hook, commandHook.type);
  const isCommand = type?.kind === "scalar" && type.value === commandHook.type;
  if (isCommand && command?.kind === "scalar") return String(command.value);
  return JSON.stringify(valueOf(text, hook));
}

/** What is wrong with our entries; `missing` and `stale` name events. */
export interface EntrySurvey {
  missing: ClaudeEvent[];
  /** Another binary, or another CLAUDE_HOME. */
  stale: string[];
  /** More than one for an event, or at an event that has none by now. */
  surplus: string[];
}

/** Compares our entries with what they should be. */
export function surveyEntries(hooks: readonly SettingsHook[], target: EntryTarget): EntrySurvey {
  const ours = hooks.filter(({ isOurs }) => isOurs);
  const eventsOf = (list: readonly SettingsHook[]) => [...new Set(list.map(({ event }) => event))];
  const first = new Map(ours.toReversed().map((hook) => [hook.event, hook]));
  return {
    missing: claudeEvents.filter((event) => !first.has(event)),
    stale: eventsOf(
      [...first.values()].filter(({ event, command }) => command !== entryCommand(event, target)),
    ),
    surplus: eventsOf(
      ours.filter(
        (hook) => first.get(hook.event) !== hook || !claudeEvents.some((one) => one === hook.event),
      ),
    ),
  };
}

/**
 * The text with exactly our entries in it, added behind what is there; everything else stays to the byte. Throws AppError
 * (exit 4) when the text is no settings.json that we can add to.
 */
export function withEntries(
  before: string | undefined,
  { target, file }: { target: EntryTarget; file: string },
): string {
  if (before === undefined || before.trim() === "") {
    const hooks = Object.fromEntries(
      claudeEvents.map((event) => [event, [entryOf(event, target)]]),
    );
    return `${JSON.stringify({ hooks }, null, 2)}\n`;
  }
  let text = before;
  for (const event of claudeEvents) {
    const root = readJson(text, file);
    const kept = settingsHooks(root, text).find((hook) => hook.event === event && hook.isOurs);
    if (kept === undefined) {
      text = withEntry(text, { root, event, entry: entryOf(event, target), file });
    } else if (kept.command !== entryCommand(event, target)) {
      const node = hookNode(root, kept);
      const command = memberOf(node, commandHook.type);
      if (command !== undefined) text = replaceNode(text, command, entryCommand(event, target));
    }
  }
  return withoutSurplus(text, { file, keepFirst: true });
}

/** The text without any entry of ours, and without the events and the map that are empty by that. */
export function withoutEntries(text: string, file: string): string {
  // As Claude Code reads it, an empty file says nothing.
  if (text.trim() === "") return text;
  return withoutSurplus(text, { file, keepFirst: false });
}

function withEntry(
  text: string,
  { root, event, entry, file }: { root: JsonNode; event: string; entry: unknown; file: string },
): string {
  if (root.kind !== "object") throw wrongShape(file, "the file", "a map");
  const hooks = memberOf(root, "hooks");
  if (hooks === undefined) return appendMember(text, root, ["hooks", { [event]: [entry] }]);
  if (hooks.kind !== "object") throw wrongShape(file, "hooks", "a map");
  const groups = memberOf(hooks, event);
  if (groups === undefined) return appendMember(text, hooks, [event, [entry]]);
  if (groups.kind !== "array") throw wrongShape(file, `hooks.${event}`, "a list");
  return appendElement(text, groups, entry);
}

function withoutSurplus(
  before: string,
  { file, keepFirst }: { file: string; keepFirst: boolean },
): string {
  let text = before;
  for (;;) {
    const root = readJson(text, file);
    const ours = settingsHooks(root, text).filter(({ isOurs }) => isOurs);
    const surplus = ours.findLast(
      ({ event }, at) =>
        !keepFirst ||
        !claudeEvents.some((known) => known === event) ||
        ours.findIndex((hook) => hook.event === event) < at,
    );
    if (surplus === undefined) return text;
    text = withoutHook(text, { root, hook: surplus });
  }
}

/** Without one hook, and without its group, event and map where it was the last one in them. */
function withoutHook(text: string, { root, hook }: { root: JsonNode; hook: SettingsHook }): string {
  const hooks = memberOf(root, "hooks");
  const groups = memberOf(hooks, hook.event);
  if (hooks?.kind !== "object" || groups?.kind !== "array" || root.kind !== "object") return text;
  const list = memberOf(groups.elements[hook.group], "hooks");
  if (list?.kind !== "array") return text;
  if (list.elements.length > 1) return removeElement(text, list, hook.index);
  if (groups.elements.length > 1) return removeElement(text, groups, hook.group);
  // An event that is written twice, of which the first one does not count, must not count by our going.
  if (isTwice(hooks, hook.event)) return removeElement(text, groups, hook.group);
  if (hooks.members.length > 1 || isTwice(root, "hooks")) {
    return removeMember(text, hooks, hook.event);
  }
  return removeMember(text, root, "hooks");
}

function isTwice(node: JsonNode & { kind: "object" }, key: string): boolean {
  return node.members.filter((member) => member.key === key).length > 1;
}

/** The node of a hook. */
export function hookNode(root: JsonNode, { event, group, index }: SettingsHook) {
  const groups = memberOf(memberOf(root, "hooks"), event);
  const element = groups?.kind === "array" ? groups.elements[group] : undefined;
  const list = memberOf(element, "hooks");
  return list?.kind === "array" ? list.elements[index] : undefined;
}

function wrongShape(file: string, what: string, expected: string): AppError {
  return new AppError(`${file}: ${what} is not ${expected}, so nothing was changed`, {
    exitCode: exitCodes.refused,
    hint: "see the documentation of Claude Code's settings",
  });
}
