// What the runtimes show at their first start, and which supported setting keeps it away. The data is in the table of
// runtimes. Pure.

type Json = string | boolean | readonly Json[] | { readonly [key: string]: Json };

/**
 * One thing that a runtime shows, or does, before it takes a prompt. What is set for the agent alone (`env`, `args`) mosaic
 * gives it. A `file` is of the user's home, and what it says is that person's to say (a trusted folder, an approved key):
 * mosaic writes none, and the dialog is told as `waiting`. In it `{workdir}` is the agent's folder and `{apiKeyEnd}` the last
 * 20 characters of its key.
 */
export interface FirstRun {
  /** For people. */
  shows: string;
  /** Where the setting is described, or how it was found. */
  source: string;
  by:
    | { kind: "env"; env: Readonly<Record<string, string>> }
    | { kind: "args"; args: readonly string[] }
    /** `path` below the home. */
    | { kind: "json"; path: string; values: { readonly [key: string]: Json } }
    | { kind: "toml"; path: string; lines: readonly string[] };
}

/** Set for every agent of the runtime; the roster's env wins. */
export function firstRunEnv(all: readonly FirstRun[]): Record<string, string> {
  return Object.assign({}, ...all.map(({ by }) => (by.kind === "env" ? by.env : {})));
}

/** In front of the roster's arguments. */
export function firstRunArgs(all: readonly FirstRun[]): string[] {
  return all.flatMap(({ by }) => (by.kind === "args" ? by.args : []));
}
