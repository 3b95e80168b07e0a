// The files of a home in which a runtime shows no first dialog, from the table of runtimes.
import type { FirstRun } from "../../src/domain/first-run.ts";

export interface FirstRunFacts {
  /** The folder in which the agent is started. */
  workdir: string;
  apiKey: string;
}

/** The values of one JSON file. */
export function firstRunJson(
  all: readonly FirstRun[],
  path: string,
  facts: FirstRunFacts,
): Record<string, unknown> {
  const files = all.flatMap(({ by }) => (by.kind === "json" && by.path === path ? by.values : []));
  const text = filled(JSON.stringify(Object.assign({}, ...files)), facts);
  const values: Record<string, unknown> = JSON.parse(text);
  return values;
}

/** The lines of one TOML file. */
export function firstRunToml(
  all: readonly FirstRun[],
  path: string,
  facts: FirstRunFacts,
): string[] {
  return all.flatMap(({ by }) =>
    by.kind === "toml" && by.path === path ? by.lines.map((line) => filled(line, facts)) : [],
  );
}

function filled(text: string, { workdir, apiKey }: FirstRunFacts): string {
  return text.replaceAll("{workdir}", workdir).replaceAll("{apiKeyEnd}", apiKey.slice(-20));
}
