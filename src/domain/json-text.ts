// JSON as text: where each value stands, and edits that leave every other byte alone. For files that are not ours, whose
// owner's layout, key order and numbers have to stay. Strict as JSON.parse, but its faults have a place. Pure.
// Over 200 lines because a reader and the edits that rest on its offsets stand together.
import { AppError, exitCodes } from "../errors.ts";

interface Span {
  /** Offsets into the text, the end exclusive. */
  start: number;
  end: number;
}

export interface JsonMember {
  key: string;
  keyStart: number;
  node: JsonNode;
}

export type JsonNode = Span &
  (
    | { kind: "object"; members: readonly JsonMember[] }
    | { kind: "array"; elements: readonly JsonNode[] }
    | { kind: "scalar"; value: string | number | boolean | null }
  );

/** Deeper than any settings; a bound for hostile files. */
const maxDepth = 200;

/** Reads one value. Throws AppError (exit 4) with line and column in front of what was expected. */
export function readJson(text: string, file: string): JsonNode {
  let at = text.startsWith("\uFEFF") ? 1 : 0;
  const fail = (expected: string): never => {
    const before = text.slice(0, at).split("\n");
    const place = `${file}:${before.length}:${(before.at(-1)?.length ?? 0) + 1}`;
    throw new AppError(`${place}: not valid JSON: expected ${expected}`, {
      exitCode: exitCodes.refused,
      hint: "mend it by hand: mosaic changes nothing in a file that it cannot read",
    });
  };
  const match = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    const found = pattern.exec(text)?.[0];
    at += found?.length ?? 0;
    return found;
  };
  const blank = (): void => void match(/[ \t\r\n]*/y);
  const string = (): string | undefined => {
    // oxlint-disable-next-line no-control-regex -- JSON allows none of them in a string
    const raw = match(/"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y);
    return raw === undefined ? undefined : String(JSON.parse(raw));
  };
  const value = (depth: number): JsonNode => {
    if (depth > maxDepth) fail(`at most ${maxDepth} levels`);
    const start = at;
    if (match(/\{/y) !== undefined) {
      const members: JsonMember[] = [];
      list("}", () => {
        const keyStart = at;
        const key = string() ?? fail("a key in quotes");
        blank();
        if (match(/:/y) === undefined) fail("a colon");
        blank();
        members.push({ key, keyStart, node: value(depth + 1) });
      });
      return { kind: "object", members, start, end: at };
    }
    if (match(/\[/y) !== undefined) {
      const elements: JsonNode[] = [];
      list("]", () => void elements.push(value(depth + 1)));
      return { kind: "array", elements, start, end: at };
    }
    const word = string();
    if (word !== undefined) return { kind: "scalar", value: word, start, end: at };
    const literal = match(/-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y);
    if (literal === undefined) fail("a value");
    return { kind: "scalar", value: JSON.parse(literal ?? "null"), start, end: at };
  };
  const list = (close: "}" | "]", item: () => void): void => {
    blank();
    if (text[at] === close) {
      at += 1;
      return;
    }
    for (;;) {
      item();
      blank();
      const next = text[at];
      if (next !== "," && next !== close) fail(`a comma or ${close}`);
      at += 1;
      if (next === close) return;
      blank();
    }
  };
  blank();
  const root = value(0);
  blank();
  if (at < text.length) fail("nothing more");
  return root;
}

/** The value as JSON.parse gives it. */
export function valueOf(text: string, node: JsonNode): unknown {
  return JSON.parse(text.slice(node.start, node.end));
}

/** The member of this key; the last one, as JSON.parse takes it. undefined for anything but an object. */
export function memberOf(node: JsonNode | undefined, key: string): JsonNode | undefined {
  return node?.kind === "object"
    ? node.members.findLast((member) => member.key === key)?.node
    : undefined;
}

/** The text with another value in the place of a node. */
export function replaceNode(text: string, node: Span, value: unknown): string {
  return splice(text, node, render(text, node.start, value));
}

/** The text with a value added at the end of an array. */
export function appendElement(
  text: string,
  array: JsonNode & { kind: "array" },
  value: unknown,
): string {
  const spans = array.elements;
  return append(text, { container: array, spans, render: (at) => render(text, at, value) });
}

/** The text with a member added at the end of an object. */
export function appendMember(
  text: string,
  object: JsonNode & { kind: "object" },
  [key, value]: readonly [string, unknown],
): string {
  const spans = object.members.map(memberSpan);
  const colon = isCompact(text) ? ":" : ": ";
  const written = (at: number) => `${JSON.stringify(key)}${colon}${render(text, at, value)}`;
  return append(text, { container: object, spans, render: written });
}

/** The text without an element, its comma and the white space before it. */
export function removeElement(
  text: string,
  array: JsonNode & { kind: "array" },
  index: number,
): string {
  return remove(text, { container: array, spans: array.elements, index });
}

/** The text without the member of this key. */
export function removeMember(
  text: string,
  object: JsonNode & { kind: "object" },
  key: string,
): string {
  const index = object.members.findLastIndex((member) => member.key === key);
  return index < 0
    ? text
    : remove(text, { container: object, spans: object.members.map(memberSpan), index });
}

function memberSpan({ keyStart, node }: JsonMember): Span {
  return { start: keyStart, end: node.end };
}

interface Appending {
  container: Span;
  spans: readonly Span[];
  render: (at: number) => string;
}

function append(text: string, { container, spans, render: written }: Appending): string {
  const [first] = spans;
  const last = spans.at(-1);
  if (first !== undefined && last !== undefined) {
    const space = text.slice(container.start + 1, first.start);
    const between = space === "" && !isCompact(text) ? " " : space;
    return splice(text, { start: last.end, end: last.end }, `,${between}${written(first.start)}`);
  }
  const inside = { start: container.start + 1, end: container.end - 1 };
  if (isCompact(text)) return splice(text, inside, written(container.start));
  const indent = indentAt(text, container.start);
  const inner = `${indent}${indentUnit(text)}`;
  // Rendered as if it stood on a line of that indent.
  const body = reindent(written(container.start), indent, inner);
  return splice(text, inside, `\n${inner}${body}\n${indent}`);
}

interface Removing {
  container: Span;
  spans: readonly Span[];
  index: number;
}

function remove(text: string, { container, spans, index }: Removing): string {
  const [span, before, after] = [spans[index], spans[index - 1], spans[index + 1]];
  if (span === undefined) return text;
  if (before !== undefined) return splice(text, { start: before.end, end: span.end }, "");
  if (after !== undefined) return splice(text, { start: span.start, end: after.start }, "");
  return splice(text, { start: container.start + 1, end: container.end - 1 }, "");
}

/** A value as this text would write it, from an offset on whose line it begins. */
function render(text: string, at: number, value: unknown): string {
  if (isCompact(text)) return JSON.stringify(value);
  const lines = JSON.stringify(value, null, indentUnit(text));
  return reindent(lines, "", indentAt(text, at));
}

function reindent(written: string, from: string, to: string): string {
  return written.replaceAll(`\n${from}`, `\n${to}`);
}

/** One line, as programs write it. */
function isCompact(text: string): boolean {
  return text.trim() !== "{}" && !text.trim().includes("\n");
}

/** What the first indented line begins with. */
function indentUnit(text: string): string {
  return /\n([ \t]+)\S/.exec(text)?.[1] ?? "  ";
}

function indentAt(text: string, at: number): string {
  const line = text.slice(text.lastIndexOf("\n", at - 1) + 1, at);
  return /^[ \t]*/.exec(line)?.[0] ?? "";
}

function splice(text: string, { start, end }: Span, inserted: string): string {
  return text.slice(0, start) + inserted + text.slice(end);
}
