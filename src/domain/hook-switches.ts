// Switching in hooks-config.json: one word of its text is changed, so that switching back gives the old bytes. Pure.
import type { DisabledForeign } from "./hooks-config.ts";
import {
  appendElement,
  appendMember,
  type JsonNode,
  memberOf,
  readJson,
  removeElement,
  removeMember,
  replaceNode,
} from "./json-text.ts";

/** The text with an event switched as a whole. */
export function switchEvent(
  text: string,
  { event, isOn, file }: { event: string; isOn: boolean; file: string },
): string {
  const root = readJson(text, file);
  const events = memberOf(root, "events");
  if (events?.kind !== "object") {
    return isOn ? text : appendMember(text, asObject(root), ["events", { [event]: false }]);
  }
  return switchMember(text, { object: events, key: event, isOn });
}

/** The text with one hook switched. */
export function switchHook(
  text: string,
  { id, isOn, file }: { id: string; isOn: boolean; file: string },
): string {
  const hooks = memberOf(readJson(text, file), "hooks");
  const elements = hooks?.kind === "array" ? hooks.elements : [];
  const hook = elements.find((element) => {
    const name = memberOf(element, "id");
    return name?.kind === "scalar" && name.value === id;
  });
  return hook?.kind === "object"
    ? switchMember(text, { object: hook, key: "enabled", isOn })
    : text;
}

/** The text with the entries noted as taken out of settings.json, or as in it again. */
export function switchInstalled(
  text: string,
  { isOn, file }: { isOn: boolean; file: string },
): string {
  return switchMember(text, { object: asObject(readJson(text, file)), key: "installed", isOn });
}

/** The text with a foreign hook noted as cut out. */
export function noteForeign(text: string, { cut, file }: { cut: DisabledForeign; file: string }) {
  const root = readJson(text, file);
  const list = memberOf(root, "foreign");
  if (list?.kind === "array") return appendElement(text, list, cut);
  return appendMember(text, asObject(root), ["foreign", [cut]]);
}

/** The text without the note of one that is back. */
export function forgetForeign(text: string, { id, file }: { id: string; file: string }): string {
  const list = memberOf(readJson(text, file), "foreign");
  if (list?.kind !== "array") return text;
  const at = list.elements.findLastIndex((element) => {
    const name = memberOf(element, "id");
    return name?.kind === "scalar" && name.value === id;
  });
  return at < 0 ? text : removeElement(text, list, at);
}

interface Switching {
  object: JsonNode & { kind: "object" };
  key: string;
  isOn: boolean;
}

function switchMember(text: string, { object, key, isOn }: Switching): string {
  const node = memberOf(object, key);
  if (node === undefined) return isOn ? text : appendMark(text, object, key);
  if (node.kind === "scalar" && node.value === isOn) return text;
  // What we added to a hook that somebody wrote without it goes again.
  if (isOn && isMark(text, node, key)) return removeMember(text, object, key);
  return replaceNode(text, node, isOn);
}

/** Without white space, which no person writes, so that it is known as ours. */
function appendMark(text: string, object: JsonNode & { kind: "object" }, key: string): string {
  const last = object.members.at(-1)?.node.end;
  if (last === undefined) return appendMember(text, object, [key, false]);
  return `${text.slice(0, last)},${JSON.stringify(key)}:false${text.slice(last)}`;
}

function isMark(text: string, node: JsonNode, key: string): boolean {
  const mark = `,${JSON.stringify(key)}:`;
  return text.slice(node.start - mark.length, node.start) === mark && text.includes("\n");
}

function asObject(node: JsonNode): JsonNode & { kind: "object" } {
  if (node.kind === "object") return node;
  throw new Error("hooks-config.json is no map");
}
