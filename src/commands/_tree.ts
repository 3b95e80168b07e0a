// The shape of the command tree: plain data beside lazy loaders, so that help, completions and docs can walk it
// without importing a single command.
import type { ArgsDef, CommandDef } from "citty";
import type { Context } from "../context.ts";

/** What a command file exports by default: it parses arguments and calls one use case. */
// oxlint-disable-next-line typescript/no-explicit-any -- citty's CommandDef is invariant in its arguments
export type CommandFactory = (ctx: Context) => CommandDef<any>;

interface NodeBase {
  name: string;
  /** One line, lower case, no full stop. */
  summary: string;
  /** What the summary cannot hold; one string per paragraph. */
  details?: readonly string[];
  /** Whole command lines that work as they stand. */
  examples: readonly string[];
  /** Works, but stands in no list: for our own scripts. */
  hidden?: boolean;
}

export interface Group extends NodeBase {
  children: readonly Node[];
}

export interface Leaf extends NodeBase {
  load: () => Promise<{ default: CommandFactory }>;
}

export type Node = Group | Leaf;

/** A node with the words that lead to it; empty for the root. */
export interface Place {
  path: readonly string[];
  node: Node;
}

export function isGroup(node: Node): node is Group {
  return "children" in node;
}

/** The tree from its root, each group before its children. Hidden commands are in it. */
export function* walkTree(node: Node, path: readonly string[] = []): Generator<Place> {
  yield { path, node };
  if (!isGroup(node)) return;
  for (const child of node.children) yield* walkTree(child, [...path, child.name]);
}

/** Follows the words down the tree as far as they name nodes; `rest` is what is left, not yet looked at. */
export function descend(
  root: Group,
  words: readonly string[],
): Place & { rest: readonly string[] } {
  let node: Node = root;
  let depth = 0;
  while (isGroup(node)) {
    const child: Node | undefined = node.children.find(({ name }) => name === words[depth]);
    if (child === undefined) break;
    node = child;
    depth += 1;
  }
  return { path: words.slice(0, depth), node, rest: words.slice(depth) };
}

/** The arguments of a leaf, which has to be imported for it. */
export async function argumentsOf(leaf: Leaf, ctx: Context): Promise<ArgsDef> {
  const { default: command } = await leaf.load();
  const args: ArgsDef = command(ctx).args ?? {};
  return args;
}

/** How a person types it: `mosaic fleet start`. */
export function commandLine(path: readonly string[]): string {
  return ["mosaic", ...path].join(" ");
}
