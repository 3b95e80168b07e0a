// Turns the nodes of a YAML document into plain values with their offsets. One pass in the order of the text,
// so an anchor is always read before its aliases; what they share is not copied, but counted. Pure.
import { isAlias, isMap, isScalar, isSeq } from "yaml";
import type { Scalar, YAMLMap, YAMLSeq } from "yaml";
import type { Path } from "./value-path.ts";

/** One node: its value, its offset in the text, and its parts. */
export interface Located {
  value: unknown;
  offset: number;
  /** A scalar as written. */
  source?: string;
  /** Nodes in it, itself and expanded aliases included. */
  size: number;
  parts: Map<string | number, Part>;
}

interface Part {
  keyOffset: number;
  node: Located;
}

interface Tools {
  fault: (offset: number, message: string, hint?: string) => void;
  lineOf: (offset: number) => number;
}

interface State extends Tools {
  anchors: Map<string, Located | "open">;
  size: number;
}

/** A roster of a thousand agents is far below this; an alias bomb is far above. */
const maxNodes = 100_000;
const maxDepth = 40;

/** Reads the contents of a document. Faults are told, never thrown; the value then has gaps. */
export function readNodes(contents: unknown, tools: Tools): Located {
  return read(contents, { state: { ...tools, anchors: new Map(), size: 0 }, around: 0, depth: 0 });
}

/** What stands at a path, as far as it is there: its offset, the offset of its key, its source text. */
export function locate(root: Located | undefined, path: Path) {
  let node = root;
  let keyOffset = root?.offset ?? 0;
  for (const [index, step] of path.entries()) {
    const part = node?.parts.get(step);
    if (part === undefined) return { offset: node?.offset ?? 0, keyOffset, source: undefined };
    keyOffset = part.keyOffset;
    node = part.node;
    if (index === path.length - 1) break;
  }
  return { offset: node?.offset ?? 0, keyOffset, source: node?.source };
}

interface Position {
  state: State;
  /** Offset of what is around the node, for a value that is not there. */
  around: number;
  depth: number;
}

function read(node: unknown, position: Position): Located {
  const { state, around, depth } = position;
  if (depth > maxDepth) return refuse(state, around, `nested more than ${maxDepth} levels deep`);
  if (isAlias(node)) return readAlias(node.source, node.range?.[0] ?? around, state);
  if (isMap(node)) return anchored(node, state, () => readMap(node, position));
  if (isSeq(node)) return anchored(node, state, () => readList(node, position));
  if (isScalar(node)) return anchored(node, state, () => readScalar(node, position));
  return grown(leaf(null, around), state);
}

function anchored(
  node: YAMLMap | YAMLSeq | Scalar,
  state: State,
  readNode: () => Located,
): Located {
  if (node.anchor === undefined) return readNode();
  state.anchors.set(node.anchor, "open");
  const located = readNode();
  state.anchors.set(node.anchor, located);
  return located;
}

function readAlias(name: string, offset: number, state: State): Located {
  const target = state.anchors.get(name);
  if (target === undefined)
    return refuse(state, offset, `there is no anchor &${name} before this alias`);
  if (target === "open")
    return refuse(state, offset, `the alias *${name} stands inside its own anchor`);
  if (state.size + target.size <= maxNodes) return grown(target, state);
  if (state.size <= maxNodes) {
    state.fault(offset, `the aliases expand to more than ${maxNodes} values`);
    state.size = maxNodes + 1;
  }
  return leaf(null, offset);
}

function readScalar(node: Scalar, { state, around }: Position): Located {
  const source = node.source ?? "";
  // A value that is not there (`env:` and nothing behind it) is where its key is.
  const isAbsent = source === "" && node.value === null;
  const offset = isAbsent ? around : (node.range?.[0] ?? around);
  return grown({ ...leaf(node.value, offset), source }, state);
}

function readList(node: YAMLSeq, { state, around, depth }: Position): Located {
  const located = grown(leaf([], node.range?.[0] ?? around), state);
  const items: unknown[] = [];
  for (const [index, item] of node.items.entries()) {
    const part = read(item, { state, around: located.offset, depth: depth + 1 });
    items.push(part.value);
    add(located, index, { keyOffset: part.offset, node: part });
  }
  return Object.assign(located, { value: items });
}

function readMap(node: YAMLMap, { state, around, depth }: Position): Located {
  const located = grown(leaf(null, node.range?.[0] ?? around), state);
  const merged: Located[] = [];
  for (const { key, value } of node.items) {
    const keyOffset = offsetOf(key) ?? located.offset;
    const part = { keyOffset, node: read(value, { state, around: keyOffset, depth: depth + 1 }) };
    const name = isScalar(key) ? keyText(key) : undefined;
    const first = name === undefined ? undefined : located.parts.get(name);
    if (name === undefined) {
      state.fault(keyOffset, "expected a plain word as key, found an alias or a collection");
    } else if (name === "<<" && isScalar(key) && key.type === "PLAIN") {
      merged.push(...mergeSources(value, part.node, state));
    } else if (first === undefined) {
      add(located, name, part);
    } else {
      state.fault(
        keyOffset,
        `the key "${name}" is there twice, first on line ${state.lineOf(first.keyOffset)}`,
      );
    }
  }
  // What the map says itself wins, then the earlier of the merged ones (https://yaml.org/type/merge.html).
  for (const [name, part] of merged.flatMap((source) => [...source.parts])) {
    if (!located.parts.has(name)) add(located, name, part);
  }
  const entries = [...located.parts].map(([name, part]) => [name, part.node.value] as const);
  return Object.assign(located, { value: plainObject(entries) });
}

function mergeSources(node: unknown, located: Located, state: State): Located[] {
  const isMapping = (part: Located) => part.value !== null && typeof part.value === "object";
  const sources = isSeq(node) ? [...located.parts.values()].map((part) => part.node) : [located];
  const maps = sources.filter((source) => isMapping(source) && !Array.isArray(source.value));
  if (maps.length < sources.length)
    state.fault(located.offset, "expected a map or an alias of one behind <<");
  return maps;
}

function keyText(key: Scalar): string {
  return typeof key.value === "string" ? key.value : (key.source ?? "");
}

function offsetOf(node: unknown): number | undefined {
  return isScalar(node) || isMap(node) || isSeq(node) || isAlias(node)
    ? node.range?.[0]
    : undefined;
}

function leaf(value: unknown, offset: number): Located {
  return { value, offset, size: 1, parts: new Map() };
}

function add(located: Located, key: string | number, part: Part): void {
  located.parts.set(key, part);
  located.size += part.node.size;
}

function grown(located: Located, state: State): Located {
  state.size += located.size;
  return located;
}

function refuse(state: State, offset: number, message: string): Located {
  state.fault(offset, message);
  return leaf(null, offset);
}

/** Without a prototype, so that `constructor` or `__proto__` in a file is a key like any other. */
function plainObject(entries: readonly (readonly [string | number, unknown])[]): unknown {
  const object: Record<string, unknown> = Object.create(null);
  for (const [key, value] of entries) object[key] = value;
  return object;
}
