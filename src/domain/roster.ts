// The roster: its schema, and the parser that turns text into a typed value or located faults. Pure.
import { readYaml, type LocatedFault } from "./located-yaml.ts";
import { checkSchema } from "./roster-faults.ts";
import { mergeRoster } from "./roster-merge.ts";
import { checkRules } from "./roster-rules.ts";
import { rosterSchema } from "./roster-schema.ts";
import type { RuntimeName } from "./runtimes.ts";

export type RestartMode = "always" | "on-failure" | "never";

export interface RestartPolicy {
  policy: RestartMode;
  /** Starts within the window after which the agent stays down. */
  burst: number;
  windowMs: number;
  /** Pause before the first restart; doubles with each crash in the window up to backoffMaxMs. */
  backoffMs: number;
  backoffMaxMs: number;
}

export interface Limits {
  /** As systemd takes it: `2G`, `512M`, `infinity`. */
  memoryMax?: string;
  /** As systemd takes it: `150%`. */
  cpuQuota?: string;
  tasksMax?: number;
}

/** One agent, defaults merged in, paths absolute. */
export interface Agent {
  name: string;
  runtime: RuntimeName;
  workdir: string;
  args: string[];
  env: Record<string, string>;
  envFile?: string;
  limits: Limits;
  restart: RestartPolicy;
}

export type SupervisorChoice = "auto" | "systemd" | "builtin";

export interface Roster {
  version: 1;
  /** tmux -L name. */
  socket: string;
  supervisor: SupervisorChoice;
  window: { columns: number; rows: number };
  agents: Agent[];
}

/** A fault of the roster, at the line and column where it stands. `hint` is empty when there is nothing to add. */
export type RosterFault = LocatedFault;

export interface ParseRosterOptions {
  /** Named in messages. */
  file: string;
  /** Absolute; stands for ~. */
  home: string;
}

/**
 * The roster of a YAML text, defaults merged in, or all that is wrong with it, in the order of the lines.
 * Never throws.
 */
export function parseRoster(
  text: string,
  { file, home }: ParseRosterOptions,
): { roster: Roster } | { faults: RosterFault[] } {
  const yaml = readYaml(text);
  if (yaml.value === undefined) return { faults: yaml.faults };
  if (yaml.value === null && yaml.faults.length === 0) {
    const hint = "mosaic fleet init --profile minimal --write --force";
    return { faults: [{ line: 1, column: 1, message: `${file} is empty`, hint }] };
  }
  const { written, faults: schemaFaults } = checkSchema(yaml);
  const faults = [...yaml.faults, ...schemaFaults, ...checkRules(yaml)];
  if (written === undefined || faults.length > 0) return { faults: faults.toSorted(byPlace) };
  return { roster: mergeRoster(written, { home, sourceOf: yaml.sourceOf }) };
}

/** The JSON Schema (draft-07) that editors use for roster.yaml: framework/fleet/roster.schema.json. */
export async function rosterJsonSchema(): Promise<object> {
  // Only the build and its drift test need it.
  const { toJsonSchema } = await import("@valibot/to-json-schema");
  // The checks say what no pattern can: no NUL, no control characters.
  return toJsonSchema(rosterSchema, { ignoreActions: ["check"] });
}

function byPlace(a: RosterFault, b: RosterFault): number {
  return a.line - b.line || a.column - b.column;
}
