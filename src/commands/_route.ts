// From words to a command: our own walk down the tree, then citty's runCommand on the leaf alone, so that no group
// is ever run and no sibling imported.
import type { Context } from "../context.ts";
import { type AppError, exitCodes, usageError } from "../errors.ts";
import { suggest } from "../domain/suggest.ts";
import { oneLine } from "../domain/terminal-text.ts";
import { rootGroup, walk } from "./index.ts";
import { commandLine, descend, type Group, isGroup, type Leaf, type Place } from "./_tree.ts";

/** Runs the command that the words name and returns its exit code; throws AppError exit 2 on wrong usage. */
export async function route(words: readonly string[], ctx: Context): Promise<number> {
  const wantsHelp = words[0] === "help";
  const { path, node, rest } = descend(rootGroup, wantsHelp ? words.slice(1) : words);
  if (!isGroup(node)) {
    return wantsHelp
      ? await showHelp({ path, node }, ctx)
      : await runLeaf({ path, node, rest }, ctx);
  }
  const [word] = rest;
  if (word === undefined || word === "--help" || word === "-h") {
    return await showHelp({ path, node }, ctx);
  }
  if (word === "help") return await route(["help", ...path, ...rest.slice(1)], ctx);
  throw word.startsWith("-") ? unknownFlag(word, path) : unknownCommand(word, path, node);
}

interface LeafCall {
  path: readonly string[];
  node: Leaf;
  rest: readonly string[];
}

async function runLeaf({ path, node, rest }: LeafCall, ctx: Context): Promise<number> {
  const [{ default: factory }, { runCommand }, { checkWords }] = await Promise.all([
    node.load(),
    import("citty"),
    import("./_arguments.ts"),
  ]);
  const command = factory(ctx);
  const checked = checkWords(commandLine(path), rest, command.args ?? {});
  if (checked.help) return await showHelp({ path, node }, ctx);
  try {
    const { result } = await runCommand(command, { rawArgs: checked.rawArgs });
    return typeof result === "number" ? result : exitCodes.ok;
  } catch (error) {
    throw parseErrorOf(error, path) ?? error;
  }
}

/** citty's own complaint about arguments; its CLIError is not exported, and it may colour the message. */
function parseErrorOf(error: unknown, path: readonly string[]): AppError | undefined {
  if (!(error instanceof Error) || error.name !== "CLIError") return undefined;
  // oxlint-disable-next-line no-control-regex -- the escape is what has to go
  const message = error.message.replaceAll(/\u001B\[\d+m/g, "").replace(/\.$/, "");
  return usageError(
    message.charAt(0).toLowerCase() + message.slice(1),
    `${commandLine(path)} --help`,
  );
}

async function showHelp(place: Place, ctx: Context): Promise<number> {
  const { helpFor } = await import("./_help.ts");
  ctx.io.out(await helpFor(place, ctx));
  return exitCodes.ok;
}

function unknownFlag(flag: string, path: readonly string[]): AppError {
  const near = suggest(flag.replace(/^-+/, ""), path.length === 0 ? ["help", "version"] : ["help"]);
  const hints = near === undefined ? [] : [`did you mean --${near}?`];
  return usageError(
    `unknown flag ${oneLine(flag)}`,
    [...hints, `${commandLine(path)} --help`].join("\n"),
  );
}

/** A slip of the fingers among the group's commands first, then the same name elsewhere (`start` at the root). */
function unknownCommand(word: string, path: readonly string[], group: Group): AppError {
  const names = group.children.filter(({ hidden }) => hidden !== true).map(({ name }) => name);
  const near = suggest(word, names);
  const elsewhere = [...walk()].filter(({ node }) => node.name === word && node.hidden !== true);
  const meant =
    elsewhere.length > 0 || near === undefined
      ? elsewhere.map((place) => place.path)
      : [[...path, near]];
  const hints = meant.map((words) => `did you mean \`${commandLine(words)}\`?`);
  const what = path.length === 0 ? "" : ` of ${commandLine(path)}`;
  return usageError(
    `unknown command "${oneLine(word)}"${what}`,
    [...hints, `${commandLine(path)} --help`].join("\n"),
  );
}
