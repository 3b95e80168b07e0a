// Help screens, shaped by hand from the tree: usage, arguments, options with defaults, examples, and on the root
// page the exit codes. They fit the terminal and take colour only where stdout allows it.
import type { ArgsDef } from "citty";
import type { Context } from "../context.ts";
import { exitCodes } from "../errors.ts";
import { displayWidth, padEnd, wrap } from "../domain/terminal-text.ts";
import { type Option, type Positional, splitArguments } from "./_arguments.ts";
import { argumentsOf, commandLine, type Group, isGroup, type Leaf, type Place } from "./_tree.ts";

/** Lines longer than this are hard to read, however wide the terminal is. */
const widest = 100;

/** Below this a two-column list makes no sense; the terminal wraps. */
const narrowest = 40;

/** What each exit code of errors.ts means to a user; the root page prints it. */
const exitCodeMeanings: readonly Row[] = [
  [`${exitCodes.ok}`, "done"],
  [`${exitCodes.failed}`, "tried and failed"],
  [`${exitCodes.usage}`, "wrong usage, or an input is missing or invalid"],
  [`${exitCodes.notRunning}`, "not running, or degraded"],
  [`${exitCodes.refused}`, "refused for safety: nothing was done"],
  [`${exitCodes.unproven}`, "a message was typed, but what you asked for is not proven"],
  [`${exitCodes.queued}`, "a message waits in the agent's queue"],
  [`${exitCodes.bug}`, "a bug in mosaic"],
  [`${exitCodes.busy}`, "busy: try again"],
  [`${exitCodes.config}`, "an agent's configuration or login is at fault"],
  [`${exitCodes.interrupted}`, "interrupted by Ctrl-C"],
];

/** The help screen of a command or a group, ending in a newline. A leaf is imported for it, a group's children are not. */
export async function helpFor({ path, node }: Place, ctx: Context): Promise<string> {
  const page: Page = {
    columns: Math.max(narrowest, Math.min(ctx.io.columns, widest)),
    heading: ctx.io.color ? (text) => `\u001B[1m${text}\u001B[22m` : (text) => text,
  };
  const sections = isGroup(node)
    ? groupSections(path, node, page)
    : leafSections(path, { leaf: node, args: await argumentsOf(node, ctx) }, page);
  return sections.map((lines) => `${lines.join("\n")}\n`).join("\n");
}

interface Page {
  columns: number;
  heading: (text: string) => string;
}

type Row = readonly [term: string, meaning: string];

function groupSections(path: readonly string[], group: Group, page: Page): string[][] {
  const rows = group.children
    .filter(({ hidden }) => hidden !== true)
    .map(({ name, summary }): Row => [name, summary]);
  const isRoot = path.length === 0;
  const command = commandLine(path);
  const options: Row[] = [["-h, --help", "show this help"]];
  return [
    wrap(`${command}: ${group.summary}`, page.columns),
    [page.heading("Usage"), `  ${command} COMMAND [options]`],
    [page.heading("Commands"), ...list(rows, page)],
    [
      page.heading("Options"),
      ...list(isRoot ? [...options, ["--version", "show version and commit"]] : options, page),
    ],
    [page.heading("Examples"), ...group.examples.map((example) => `  ${example}`)],
    ...(isRoot ? [[page.heading("Exit codes"), ...list(exitCodeMeanings, page)]] : []),
    wrap(`Run \`${command} COMMAND --help\` for more on a command.`, page.columns),
  ];
}

function leafSections(
  path: readonly string[],
  { leaf, args }: { leaf: Leaf; args: ArgsDef },
  page: Page,
): string[][] {
  const { options, positionals } = splitArguments(args);
  const optionRows = [...options.map(optionRow), ["-h, --help", "show this help"] as const];
  return [
    wrap(`${commandLine(path)}: ${leaf.summary}`, page.columns),
    ...(leaf.details ?? []).map((paragraph) => wrap(paragraph, page.columns)),
    [
      page.heading("Usage"),
      `  ${[commandLine(path), ...positionals.map(usageWord), "[options]"].join(" ")}`,
    ],
    ...(positionals.length === 0
      ? []
      : [[page.heading("Arguments"), ...list(positionals.map(positionalRow), page)]]),
    [page.heading("Options"), ...list(optionRows, page)],
    [page.heading("Examples"), ...leaf.examples.map((example) => `  ${example}`)],
  ];
}

function usageWord({ label, required, repeats }: Positional): string {
  const word = repeats ? `${label}…` : label;
  return required ? word : `[${word}]`;
}

function positionalRow(positional: Positional): Row {
  return [positional.label, positional.def.description ?? ""];
}

function optionRow({ name, aliases, takesValue, def }: Option): Row {
  const short = aliases.filter((alias) => alias.length === 1).map((alias) => `-${alias}`);
  const long = aliases.filter((alias) => alias.length > 1).map((alias) => `--${alias}`);
  const value = takesValue ? ` ${def.valueHint ?? "VALUE"}` : "";
  const isWorthSaying = def.default !== undefined && def.default !== false;
  const fallback = isWorthSaying ? ` (default: ${String(def.default)})` : "";
  return [
    `${[...short, `--${name}`, ...long].join(", ")}${value}`,
    `${def.description ?? ""}${fallback}`,
  ];
}

/** Two columns; the second wraps below itself. */
function list(rows: readonly Row[], { columns }: Page): string[] {
  const termWidth = Math.max(...rows.map(([term]) => displayWidth(term)));
  const indent = " ".repeat(termWidth + 4);
  return rows.flatMap(([term, meaning]) => {
    const [first = "", ...more] = wrap(meaning, Math.max(20, columns - indent.length));
    return [`  ${padEnd(term, termWidth)}  ${first}`, ...more.map((line) => `${indent}${line}`)];
  });
}
