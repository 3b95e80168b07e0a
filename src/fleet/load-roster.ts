// Reads the roster of this site. The parsed value is cached below the state folder, so that a command on a roster
// that did not change loads neither the YAML parser nor the schema.
import type { Context } from "../context.ts";
import { sha256Hex } from "../domain/hash.ts";
import { rosterFile } from "../domain/names.ts";
import type { Agent, Roster, RosterFault } from "../domain/roster.ts";
import { suggest } from "../domain/suggest.ts";
import { usageError } from "../errors.ts";

/**
 * The roster, every agent complete. Throws AppError (exit 2) when it is not there, and with the place of every
 * fault when it is not valid.
 */
export async function loadRoster(ctx: Context): Promise<Roster> {
  const file = rosterFile(ctx.paths);
  const text = await ctx.files.readText(file);
  if (text === undefined) {
    throw usageError(
      `there is no roster at ${file}`,
      "mosaic fleet init --profile minimal --write",
    );
  }
  const key = sha256Hex([text, ctx.paths.home, ctx.host.version, ctx.host.commit].join("\0"));
  const cached = await readCache(ctx, key);
  if (cached !== undefined) return cached;
  const { parseRoster } = await import("../domain/roster.ts");
  const parsed = parseRoster(text, { file, home: ctx.paths.home });
  if ("faults" in parsed) throw rosterError(file, parsed.faults);
  await writeCache(ctx, { key, roster: parsed.roster });
  return parsed.roster;
}

/**
 * The agents of these names, in the order given, each once; all agents when no name is given. Throws AppError
 * (exit 2) that names every unknown one.
 */
export function pickAgents(roster: Roster, names: readonly string[]): Agent[] {
  if (names.length === 0) return roster.agents;
  const known = roster.agents.map((agent) => agent.name);
  const unknown = [...new Set(names)].filter((name) => !known.includes(name));
  if (unknown.length > 0) {
    const near = unknown.map((name) => suggest(name, known)).find((name) => name !== undefined);
    const what = unknown.length === 1 ? "agent" : "agents";
    throw usageError(
      `the roster has no ${what} ${unknown.map((name) => JSON.stringify(name)).join(", ")}`,
      near === undefined ? `its agents: ${known.join(", ")}` : `did you mean ${near}?`,
    );
  }
  return [...new Set(names)].flatMap((name) =>
    roster.agents.filter((agent) => agent.name === name),
  );
}

interface Cache {
  key: string;
  roster: Roster;
}

function cacheFile({ paths }: Context): string {
  return `${paths.state}/cache/roster.json`;
}

/** Run from source, the parser itself changes under one version: no cache then. */
function isCached({ host }: Context): boolean {
  return host.commit !== "dev";
}

async function readCache(ctx: Context, key: string): Promise<Roster | undefined> {
  if (!isCached(ctx)) return undefined;
  try {
    const cache: Cache = JSON.parse((await ctx.files.readText(cacheFile(ctx))) ?? "{}");
    return cache.key === key && Array.isArray(cache.roster.agents) ? cache.roster : undefined;
  } catch {
    // A broken or unreadable cache costs a parse, nothing else.
    return undefined;
  }
}

async function writeCache(ctx: Context, cache: Cache): Promise<void> {
  if (!isCached(ctx)) return;
  try {
    await ctx.files.write(cacheFile(ctx), JSON.stringify(cache), 0o600);
  } catch {
    // A full disk or a read-only state folder: the next command parses again.
  }
}

function rosterError(file: string, faults: readonly RosterFault[]): Error {
  const places = faults.map(({ line, column, message }) => `${file}:${line}:${column}: ${message}`);
  const [first, ...others] = faults;
  if (first !== undefined && others.length === 0) return usageError(places.join(""), first.hint);
  const lines = faults.map(
    ({ hint }, index) => `  ${places[index]}${hint === "" ? "" : ` (${hint})`}`,
  );
  return usageError([`the roster has ${faults.length} faults`, ...lines].join("\n"));
}
