// Changes one setting in the text of config.yaml: comments and the order of keys stay. Pure.
import { type Document, isMap, isScalar, parseDocument, stringify, type YAMLMap } from "yaml";
import { addLine, removeLine } from "./config-lines.ts";
import { configVersion } from "./config-schema.ts";
import type { SettingKey } from "./settings.ts";

/** What a new file begins with. */
export const configHeader =
  "# Settings of mosaic on this host; `mosaic config show --origin` tells every key.\n";

/**
 * The steps from each version to the next; the first one is from files that said none. A step changes the document in
 * place and sets no version.
 */
const migrations: readonly ((document: Document) => void)[] = [() => undefined];

/** The text with a value set; of an old version it becomes the present one first. */
export function setInConfig(text: string | undefined, key: SettingKey, value: string): string {
  // A number stays one for whoever reads the file.
  const written = /^(0|[1-9]\d{0,8})$/.test(value) ? Number(value) : value;
  const replaced = text === undefined ? undefined : replaceValue(text, key, written);
  if (replaced !== undefined) return replaced;
  const [section = "", name = ""] = key.split(".");
  const added = isPresent(text) ? addLine(text, { section, name, value: written }) : undefined;
  if (added !== undefined && !isSet(text, key)) return added;
  const document = open(text);
  // A section of which all lines are comments is none to the library.
  const present = document.get(section, true);
  if (isScalar(present)) {
    const map = document.createNode({});
    map.comment = present.comment ?? present.commentBefore ?? null;
    document.set(section, map);
  }
  document.setIn(key.split("."), written);
  return asText(document, text);
}

/** Where the key stands already its value alone is replaced, and a person's layout stays as it is. */
function replaceValue(text: string, key: SettingKey, value: string | number): string | undefined {
  const document = parseDocument(text);
  if (document.get("version") !== configVersion) return undefined;
  const node = document.getIn(key.split("."), true);
  if (!isScalar(node) || !node.range || node.anchor !== undefined) return undefined;
  const [start, end] = node.range;
  // More than one line, or nothing between the key and its comment: not to be cut by offsets.
  if (start === end || text.slice(start, end).includes("\n")) return undefined;
  const next =
    text.slice(0, start) + stringify(value, { lineWidth: 0 }).trimEnd() + text.slice(end);
  return String(parseDocument(next).getIn(key.split("."))) === String(value) ? next : undefined;
}

/** The text without a value, and without its map when that is empty by it. */
export function unsetInConfig(text: string, key: SettingKey): string {
  const document = open(text);
  const [section = "", name = ""] = key.split(".");
  if (!document.hasIn([section, name])) return text;
  const removed = isPresent(text) ? removeLine(text, { section, name }) : undefined;
  if (removed !== undefined) return removed;
  document.deleteIn([section, name]);
  const rest = document.get(section);
  if (isMap(rest) && rest.items.length === 0) document.delete(section);
  return asText(document, text);
}

/** Of the version that is written now: nothing else has to be changed in it. */
function isPresent(text: string | undefined): text is string {
  return text !== undefined && parseDocument(text).get("version") === configVersion;
}

function isSet(text: string | undefined, key: SettingKey): boolean {
  return text !== undefined && parseDocument(text).hasIn(key.split("."));
}

/** What changes from one text to another, as `-` and `+` lines with one line around them. */
export function diffLines(before: string, after: string): string[] {
  const [old, fresh] = [before, after].map((text) => text.split("\n"));
  if (old === undefined || fresh === undefined || before === after) return [];
  let start = 0;
  while (start < old.length && old[start] === fresh[start]) start += 1;
  let end = 0;
  const most = Math.min(old.length, fresh.length) - start;
  while (end < most && old.at(-1 - end) === fresh.at(-1 - end)) end += 1;
  return [
    ...around(old.slice(Math.max(0, start - 1), start)),
    ...old.slice(start, old.length - end).map((line) => `- ${line}`),
    ...fresh.slice(start, fresh.length - end).map((line) => `+ ${line}`),
    ...around(old.slice(old.length - end, old.length - end + 1)),
  ];
}

function around(lines: readonly string[]): string[] {
  return lines.filter((line) => line !== "").map((line) => `  ${line}`);
}

function open(text: string | undefined): Document {
  const isNew = text === undefined || text.trim() === "";
  const document = parseDocument(isNew ? `${configHeader}version: ${configVersion}\n` : text);
  if (document.contents === null) document.set("version", configVersion);
  const found: unknown = document.get("version");
  const version = typeof found === "number" ? found : 0;
  for (const migrate of migrations.slice(version)) migrate(document);
  if (version !== configVersion) setVersion(document);
  return document;
}

/** In front, where people look for it. */
function setVersion(document: Document): void {
  if (document.has("version")) {
    document.set("version", configVersion);
    return;
  }
  if (!isMap(document.contents)) return;
  const { items }: YAMLMap = document.contents;
  const [first] = items;
  const pair = document.createPair("version", configVersion);
  // A comment above the first key is one on the file.
  if (first !== undefined && isCommented(first.key) && isCommented(pair.key)) {
    pair.key.commentBefore = first.key.commentBefore ?? null;
    first.key.commentBefore = null;
  }
  items.unshift(pair);
}

function isCommented(node: unknown): node is { commentBefore?: string | null } {
  return typeof node === "object" && node !== null;
}

/** With the ends of lines that the file had. */
function asText(document: Document, before: string | undefined): string {
  const text = document.toString({ lineWidth: 0 });
  return before?.includes("\r\n") === true ? text.replaceAll(/\r?\n/g, "\r\n") : text;
}
