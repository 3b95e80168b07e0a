// Switching in hooks-config.json: one word of its text is changed, so that switching back gives the old bytes. Pure.
import type { DisabledForeign } from "./hooks-config.ts";
import {
  appendElement,
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
    const value = `{${markOf(event)}false}`;
    return isOn ? text : appendMark(text, asObject(root), { key: "events", value });
  }
  const switched = switchMember(text, { object: events, key: event, isOn });
  return withoutEmptyMark(switched, { key: "events", file });
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
  return appendMark(text, asObject(root), { key: "foreign", value: `[${JSON.stringify(cut)}]` });
}

/** The text without the note of one that is back. */
export function forgetForeign(text: string, { id, file }: { id: string; file: string }): string {
  const list = memberOf(readJson(text, file), "foreign");
  if (list?.kind !== "array") return text;
  const at = list.elements.findLastIndex((element) => {
    const name = memberOf(element, "id");
    return name?.kind === "scalar" && name.value === id;
  });
  if (at < 0) return text;
  return withoutEmptyMark(removeElement(text, list, at), { key: "foreign", file });
}

interface Switching {
  object: JsonNode & { kind: "object" };
  key: string;
  isOn: boolean;
}

function switchMember(text: string, { object, key, isOn }: Switching): string {
  const node = memberOf(object, key);
  if (node === undefined) return isOn ? text : appendMark(text, object, { key, value: "false" });
  if (node.kind === "scalar" && node.value === isOn) return text;
  // What we added to what somebody wrote without it goes again.
  if (isOn && isMark(text, node, key)) return removeMark(text, object, key);
  return replaceNode(text, node, isOn);
}

/** How we write a key that was not there: as nobody else does, so that it is known as ours. */
function markOf(key: string): string {
  return `${JSON.stringify(key)} :`;
}

function appendMark(
  text: string,
  object: JsonNode & { kind: "object" },
  { key, value }: { key: string; value: string },
): string {
  const last = object.members.at(-1)?.node.end;
  const at = last ?? object.start + 1;
  return `${text.slice(0, at)}${last === undefined ? "" : ","}${markOf(key)}${value}${text.slice(at)}`;
}

function isMark(text: string, node: JsonNode, key: string): boolean {
  const isBehind = (mark: string) => text.slice(node.start - mark.length, node.start) === mark;
  // The second one is of earlier versions.
  return isBehind(markOf(key)) || (isBehind(`,${JSON.stringify(key)}:`) && text.includes("\n"));
}

function removeMark(text: string, object: JsonNode & { kind: "object" }, key: string): string {
  const [only, ...others] = object.members;
  if (only === undefined || others.length > 0) return removeMember(text, object, key);
  // The white space that somebody has between the braces stays.
  return text.slice(0, only.keyStart) + text.slice(only.node.end);
}

/** Without a map or list that we added, once nothing is in it. */
function withoutEmptyMark(text: string, { key, file }: { key: string; file: string }): string {
  const root = asObject(readJson(text, file));
  const node = memberOf(root, key);
  const inside =
    node?.kind === "object" ? node.members : node?.kind === "array" ? node.elements : [1];
  return node !== undefined && inside.length === 0 && isMark(text, node, key)
    ? removeMark(text, root, key)
    : text;
}

function asObject(node: JsonNode): JsonNode & { kind: "object" } {
  if (node.kind === "object") return node;
  throw new Error("hooks-config.json is no map");
}
