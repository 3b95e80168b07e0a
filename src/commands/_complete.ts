// What can stand where the cursor is: @bomb.sh/tab's core over walk(), with the options of the one command that was
// typed and the names of the site's own agents. Never fails: a broken roster only means fewer candidates.
import { type Command, type Complete, RootCommand } from "@bomb.sh/tab";
import type { Context } from "../context.ts";
import { AppError } from "../errors.ts";
import { oneLine } from "../domain/terminal-text.ts";
import { type Option, splitArguments } from "./_arguments.ts";
import { rootGroup, walk } from "./index.ts";
import { argumentsOf, descend, isGroup } from "./_tree.ts";

export interface Candidate {
  value: string;
  /** One line, may be empty. */
  description: string;
}

export interface Completions {
  candidates: Candidate[];
  /** The word is a path: the shell's own file names fit. */
  offersFiles: boolean;
}

/** Candidates for the last of the words after `mosaic`; it is empty when nothing of it is typed yet. */
export async function completionsFor(words: readonly string[], ctx: Context): Promise<Completions> {
  const current = words.at(-1) ?? "";
  const [first, ...others] = words.slice(0, -1);
  const before = first === "help" ? others : words.slice(0, -1);
  const place = descend(rootGroup, before);
  const { root, typed } = commandsAround(place.path);
  const wants = { files: false };
  if (!isGroup(place.node)) {
    const { options, positionals } = splitArguments(await argumentsOf(place.node, ctx));
    const hints = [...options, ...positionals].map(({ def }) => def.valueHint ?? "");
    const values = await valuesFor(hints, { ctx, path: place.path });
    const handlerFor: HandlerFor = (hint) => (complete) => {
      if (hint === "FILE") wants.files = true;
      for (const { value, description } of values.get(hint) ?? []) complete(value, description);
    };
    for (const option of options) registerOption(typed, option, handlerFor);
    for (const { label, repeats, def } of positionals) {
      typed.argument(label, handlerFor(def.valueHint ?? ""), repeats);
    }
  }
  // tab prints what it found; we want the values, so its printer is replaced on this one instance.
  Object.assign(root, { complete: () => undefined });
  root.parse([...before.flatMap(splitFlag), current]);
  const flag = /^--[^=]*=/.exec(current)?.[0] ?? "";
  const candidates = root.completions
    .map(({ value, description = "" }) => ({
      value: flag + value,
      description: oneLine(description),
    }))
    .filter(({ value }) => value.startsWith(current) && !place.rest.includes(value));
  return { candidates, offersFiles: wants.files };
}

/** tab offers deeper commands at every depth, so it is given the typed one and what can follow it. */
function commandsAround(path: readonly string[]): { root: RootCommand; typed: Command } {
  const root = new RootCommand();
  let typed: Command = root;
  for (const place of walk()) {
    if (place.path.length === 0) continue;
    const isOnTheWay = place.path.every((word, depth) => word === path[depth]);
    const canFollow = place.path.slice(0, -1).join(" ") === path.join(" ");
    if (!isOnTheWay && (!canFollow || place.node.hidden === true)) continue;
    const command = root.command(place.path.join(" "), place.node.summary);
    if (isOnTheWay) typed = command;
  }
  if (path.length === 0) typed.option("version", "show version and commit");
  typed.option("help", "show help", "h");
  return { root, typed };
}

type HandlerFor = (hint: string) => (complete: Complete) => void;

function registerOption(command: Command, option: Option, handlerFor: HandlerFor): void {
  const { name, aliases, takesValue, def } = option;
  const short = aliases.find((alias) => alias.length === 1);
  const description = def.description ?? "";
  for (const flag of [name, ...aliases.filter((alias) => alias.length > 1)]) {
    if (takesValue) command.option(flag, description, handlerFor(def.valueHint ?? ""), short);
    else if (short === undefined) command.option(flag, description);
    else command.option(flag, description, short);
  }
}

/** tab takes an earlier `--flag=value` for an unknown flag, but knows the two words. */
function splitFlag(word: string): string[] {
  const [, flag, value] = /^(--[^=]+)=([^]*)$/.exec(word) ?? [];
  return flag === undefined || value === undefined ? [word] : [flag, value];
}

/** The values of each kind of argument that occurs; tab's handlers cannot wait, so all are read before. */
async function valuesFor(
  hints: readonly string[],
  { ctx, path }: { ctx: Context; path: readonly string[] },
): Promise<Map<string, Candidate[]>> {
  const values = new Map<string, Candidate[]>();
  for (const hint of new Set(hints)) {
    if (hint === "NAME" || hint === "NAME…") values.set(hint, await agents(ctx));
    else if (hint === "PROFILE")
      values.set(hint, [...(await profiles(ctx)), ...(await foundHere(path))]);
    else if (hint === "KEY") values.set(hint, await settingNames());
    else if (hint === "HOOK") values.set(hint, await hooks(ctx));
    else if (hint.includes("|"))
      values.set(
        hint,
        hint.split("|").map((value) => ({ value, description: "" })),
      );
  }
  return values;
}

async function agents(ctx: Context): Promise<Candidate[]> {
  const [{ loadRoster }, { runtimes }] = await Promise.all([
    import("../fleet/load-roster.ts"),
    import("../domain/runtimes.ts"),
  ]);
  try {
    const roster = await loadRoster(ctx);
    return roster.agents.map(({ name, runtime }) => ({
      value: name,
      description: runtimes[runtime].title,
    }));
  } catch (error) {
    // No roster, or a broken one: the next real command says so; a shell at TAB must not.
    if (error instanceof AppError) return [];
    throw error;
  }
}

async function profiles(ctx: Context): Promise<Candidate[]> {
  const files = await ctx.assets.list();
  return files.flatMap((file) => {
    const [, profile] = /^fleet\/examples\/([^/]+)\.yaml$/.exec(file) ?? [];
    return profile === undefined ? [] : [{ value: profile, description: "example roster" }];
  });
}

/** The wizard alone looks for what is installed. */
async function foundHere(path: readonly string[]): Promise<Candidate[]> {
  if (path.join(" ") !== "wizard") return [];
  const { foundProfile } = await import("../domain/found-roster.ts");
  return [{ value: foundProfile, description: "what is installed here" }];
}

async function hooks(ctx: Context): Promise<Candidate[]> {
  const [{ hookSite, readHooksConfig }, { claudeEvents }] = await Promise.all([
    import("../hooks/site.ts"),
    import("../domain/claude-home.ts"),
  ]);
  const events = claudeEvents.map((value) => ({ value, description: "an event" }));
  try {
    const found = await readHooksConfig(ctx, hookSite(ctx));
    const named = (found?.config.hooks ?? []).map(({ id, about }) => ({
      value: id,
      description: oneLine(about),
    }));
    return [...named, ...events];
  } catch (error) {
    // A broken file, or no HOME: the next real command says so; a shell at TAB must not.
    if (error instanceof AppError) return events;
    throw error;
  }
}

async function settingNames(): Promise<Candidate[]> {
  const { settings, storedKeys } = await import("../domain/settings.ts");
  return storedKeys.map((value) => ({ value, description: settings[value].summary }));
}
