// Checks the words after a command against its arguments, because citty accepts unknown flags and extra words in
// silence. What passes is handed on in a form that citty cannot misread: `--name=value` …, `--`, positionals.
import type { ArgDef, ArgsDef } from "citty";
import { type AppError, usageError } from "../errors.ts";
import { suggest } from "../domain/suggest.ts";
import { oneLine } from "../domain/terminal-text.ts";

export interface Option {
  name: string;
  aliases: readonly string[];
  takesValue: boolean;
  def: ArgDef;
}

export interface Positional {
  /** As help prints it: `NAME`. */
  label: string;
  required: boolean;
  repeats: boolean;
  def: ArgDef;
}

/** `help` when -h or --help was among the words, otherwise the arguments for citty's runCommand. */
export type CheckedWords = { help: true } | { help: false; rawArgs: string[] };

/** Options and positionals of a command, in the order of its definition. */
export function splitArguments(args: ArgsDef): { options: Option[]; positionals: Positional[] } {
  const options: Option[] = [];
  const positionals: Positional[] = [];
  for (const [name, def] of Object.entries(args)) {
    if (def.type === "positional") {
      const hint = def.valueHint ?? name.toUpperCase();
      const repeats = hint.endsWith("…");
      const label = repeats ? hint.slice(0, -1) : hint;
      const required = def.required !== false && def.default === undefined;
      positionals.push({ label, required, repeats, def });
    } else {
      const aliases = "alias" in def && def.alias !== undefined ? [def.alias].flat() : [];
      options.push({ name, aliases, takesValue: def.type !== "boolean", def });
    }
  }
  return { options, positionals };
}

/** Words of a command line against the arguments of `command` (such as `mosaic agent send`); throws AppError 2. */
export function checkWords(command: string, words: readonly string[], args: ArgsDef): CheckedWords {
  const { options, positionals } = splitArguments(args);
  const values = new Map<string, string>();
  const plain: string[] = [];
  let before: number | undefined;
  const queue = [...words];
  for (let word = queue.shift(); word !== undefined; word = queue.shift()) {
    if (word === "--") {
      before = plain.length;
      plain.push(...queue.splice(0));
    } else if (word === "--help" || word === "-h") {
      return { help: true };
    } else if (!word.startsWith("-") || word === "-") {
      plain.push(word);
    } else if (word.startsWith("--")) {
      readLong(word, queue, { command, options, values });
    } else {
      readShort(word, queue, { command, options, values });
    }
  }
  checkPositionals(command, plain, positionals);
  checkSeparator(command, { before, positionals });
  const flags = [...values].map(([name, value]) => `--${name}=${value}`);
  return { help: false, rawArgs: [...flags, "--", ...plain] };
}

interface Reading {
  command: string;
  options: readonly Option[];
  /** The last value of a repeated option wins, but of one that carries a text or a file none is dropped. */
  values: Map<string, string>;
}

function readLong(word: string, queue: string[], reading: Reading): void {
  const [, name = "", , inline] = /^--([^=]*)(=([^]*))?$/.exec(word) ?? [];
  const option = reading.options.find((known) => [known.name, ...known.aliases].includes(name));
  if (option === undefined) {
    const negated = reading.options.find(
      (known) => !known.takesValue && `no-${known.name}` === name,
    );
    if (negated === undefined || inline !== undefined) throw unknownFlag(`--${name}`, reading);
    reading.values.set(negated.name, "false");
  } else if (option.takesValue) {
    setValue(option, inline ?? nextValue(`--${name}`, queue, reading), reading);
  } else if (inline === undefined || inline === "true" || inline === "false") {
    reading.values.set(option.name, inline ?? "true");
  } else {
    throw usageError(
      `--${name} takes no value, but got "${oneLine(inline)}"`,
      helpHint(reading.command),
    );
  }
}

/** `-f`, `-n 80`, `-n80`, `-n=80` and `-fn 80`. */
function readShort(word: string, queue: string[], reading: Reading): void {
  for (let index = 1; index < word.length; index++) {
    const letter = word.charAt(index);
    const option = reading.options.find(({ aliases }) => aliases.includes(letter));
    if (option === undefined) throw unknownFlag(index === 1 ? word : `-${letter}`, reading);
    if (option.takesValue) {
      const attached = word.slice(index + 1).replace(/^=/, "");
      const isLast = index === word.length - 1;
      const value = isLast ? nextValue(`-${letter}`, queue, reading) : attached;
      setValue(option, value, reading);
      return;
    }
    reading.values.set(option.name, "true");
  }
}

function setValue({ name, def }: Option, value: string, { command, values }: Reading): void {
  const carries = def.valueHint === "TEXT" || def.valueHint === "FILE";
  if (carries && values.has(name)) {
    throw usageError(`--${name} is given twice, and only one can be taken`, helpHint(command));
  }
  values.set(name, value);
}

/** Whatever comes next is the value, even when it starts with a dash, as getopt does. */
function nextValue(flag: string, queue: string[], { command }: Reading): string {
  const value = queue.shift();
  if (value === undefined) throw usageError(`${flag} needs a value`, helpHint(command));
  return value;
}

function checkPositionals(command: string, words: string[], positionals: Positional[]): void {
  const missing = positionals.filter(({ required }, index) => required && index >= words.length);
  if (missing.length > 0) {
    const labels = missing.map(({ label }) => label).join(" and ");
    throw usageError(`${command.replace(/^mosaic /, "")} needs ${labels}`, helpHint(command));
  }
  const most = positionals.some(({ repeats }) => repeats) ? words.length : positionals.length;
  const extra = words[most];
  if (extra !== undefined)
    throw usageError(`unexpected argument "${oneLine(extra)}"`, helpHint(command));
}

/** A label such as `-- CMD` wants its `--`: without it, or with it elsewhere, another word would be taken for the command. */
function checkSeparator(
  command: string,
  { before, positionals }: { before: number | undefined; positionals: readonly Positional[] },
): void {
  const at = positionals.findIndex(({ label }) => label.startsWith("-- "));
  if (at < 0 || at === before) return;
  const usage = positionals.map(({ label }) => label).join(" ");
  throw usageError(`-- has to stand just before the command: ${usage}`, helpHint(command));
}

function unknownFlag(flag: string, { command, options }: Reading): AppError {
  const names = options.flatMap(({ name, aliases }) => [name, ...aliases.filter(isLong)]);
  const near = suggest(flag.replace(/^-+/, ""), [...names, "help"]);
  const hints = near === undefined ? [] : [`did you mean --${near}?`];
  return usageError(`unknown flag ${oneLine(flag)}`, [...hints, helpHint(command)].join("\n"));
}

function isLong(alias: string): boolean {
  return alias.length > 1;
}

function helpHint(command: string): string {
  return `${command} --help`;
}
