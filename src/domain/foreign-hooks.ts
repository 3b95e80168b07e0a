// Foreign hooks of settings.json, which are not ours to rewrite: their names, and how one is cut out and put back so that
// the old bytes return. Pure.
import { hookNode, type SettingsHook } from "./claude-entries.ts";
import { AppError, exitCodes } from "../errors.ts";
import { sha256Hex } from "./hash.ts";
import type { DisabledForeign } from "./hooks-config.ts";
import {
  appendElement,
  appendMember,
  memberOf,
  readJson,
  removeElement,
  valueOf,
} from "./json-text.ts";

/** Stays the same while the hook does, wherever it moves in the file. */
export function foreignId({ event, matcher, command }: SettingsHook): string {
  return `foreign-${sha256Hex([event, matcher ?? "", command].join("\0")).slice(0, 8)}`;
}

/** The text without this hook, and what puts it back. */
export function cutForeign(
  text: string,
  { hook, file }: { hook: SettingsHook; file: string },
): { rest: string; cut: Omit<DisabledForeign, "byEvent"> } {
  const root = readJson(text, file);
  const groups = memberOf(memberOf(root, "hooks"), hook.event);
  const element = groups?.kind === "array" ? groups.elements[hook.group] : undefined;
  const list = memberOf(element, "hooks");
  const node = hookNode(root, hook);
  if (groups?.kind !== "array" || element === undefined || list?.kind !== "array" || !node) {
    throw new Error(`no hook ${hook.event} ${hook.group} ${hook.index} in the text`);
  }
  // Alone in its group, it goes with the group, so that what is left is no odd empty one.
  const rest =
    list.elements.length > 1
      ? removeElement(text, list, hook.index)
      : removeElement(text, groups, hook.group);
  const at = firstDifference(text, rest);
  const removed = text.slice(at, at + text.length - rest.length);
  const group = { ...fieldsOf(valueOf(text, element)), hooks: [valueOf(text, node)] };
  const { event, matcher, command } = hook;
  const id = foreignId(hook);
  const cut = { at, text: removed, restSha256: sha256Hex(rest) };
  return { rest, cut: { id, event, matcher, command, group, cut } };
}

/** The text with the hook in it again: the old bytes when nothing else has changed, else behind what is there. */
export function putBackForeign(
  text: string | undefined,
  { event, group, cut, file }: Omit<DisabledForeign, "byEvent"> & { file: string },
): string {
  if (text === undefined || text.trim() === "") {
    return `${JSON.stringify({ hooks: { [event]: [group] } }, null, 2)}\n`;
  }
  if (sha256Hex(text) === cut.restSha256) {
    return text.slice(0, cut.at) + cut.text + text.slice(cut.at);
  }
  const root = readJson(text, file);
  const hooks = memberOf(root, "hooks");
  if (hooks === undefined && root.kind === "object") {
    return appendMember(text, root, ["hooks", { [event]: [group] }]);
  }
  const groups = memberOf(hooks, event);
  if (groups === undefined && hooks?.kind === "object") {
    return appendMember(text, hooks, [event, [group]]);
  }
  if (groups?.kind === "array") return appendElement(text, groups, group);
  throw new AppError(`${file}: the hooks of ${event} are not what Claude Code reads`, {
    exitCode: exitCodes.refused,
    hint: "mend it by hand, and enable the hook again: it is kept",
  });
}

/** Where the shorter text, which is the longer one without a piece, begins to differ from it. */
function firstDifference(longer: string, shorter: string): number {
  let at = 0;
  while (at < shorter.length && longer[at] === shorter[at]) at += 1;
  return at;
}

function fieldsOf(value: unknown): object {
  return typeof value === "object" && value !== null ? value : {};
}
