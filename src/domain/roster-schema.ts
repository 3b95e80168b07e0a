// The one schema of the roster as it is written. The parser, the JSON Schema for editors and the documentation
// of each key come from here. A message says what is expected, in words that fit behind "expected". Pure.
import * as v from "valibot";
import {
  agentName,
  cpuQuota,
  duration,
  memory,
  path,
  socketName,
  variableName,
  wholeNumber,
  windowSize,
  word,
} from "./roster-values.ts";
import { runtimeNames } from "./runtimes.ts";

const restart = v.strictObject(
  {
    policy: optional(
      v.picklist(["always", "on-failure", "never"], "always, on-failure or never"),
      "When the agent is started again after it ended. Default: on-failure.",
    ),
    burst: optional(
      wholeNumber(1000),
      "Starts within the window after which it stays down. Default: 5.",
    ),
    window: optional(duration, "The time in which starts are counted. Default: 15m."),
    backoff: optional(
      duration,
      "Pause before the first restart; it doubles with each crash. Default: 1s.",
    ),
    backoffMax: optional(duration, "The longest pause before a restart. Default: 1m."),
  },
  "a map with policy, burst, window, backoff and backoffMax",
);

const limits = v.strictObject(
  {
    memoryMax: optional(memory, "Memory of the agent and all its children, such as 2G."),
    cpuQuota: optional(cpuQuota, "CPU time; 100% is one core."),
    tasksMax: optional(
      wholeNumber(4_194_304),
      "Processes and threads of the agent and all its children.",
    ),
  },
  "a map with memoryMax, cpuQuota and tasksMax",
);

/** What an agent and the defaults have in common. */
const settings = {
  runtime: optional(
    v.picklist(runtimeNames, `one of ${runtimeNames.join(", ")}`),
    "The kind of CLI that runs; `command` starts any argv, given in args.",
  ),
  workdir: optional(path, "The folder it starts in; it must exist. Default: ~/."),
  args: optional(
    v.array(word, "a list of arguments"),
    "Arguments, one per item; they go through no shell.",
  ),
  env: optional(
    v.record(variableName, word, "a map of variables"),
    "Environment. Secrets belong into envFile, not here.",
  ),
  envFile: optional(path, "A file of KEY=VALUE lines, mode 0600: the place for secrets."),
  limits: optional(limits, "Limits of its cgroup (systemd only)."),
  restart: optional(restart, "When and how often it is restarted."),
};

const agent = v.strictObject(
  {
    name: v.pipe(agentName, v.description("Also its tmux session and the instance of its unit.")),
    ...settings,
  },
  "an agent: a map with at least a name",
);

/** A roster.yaml. What spans more than one value is in roster-rules.ts. */
export const rosterSchema = v.pipe(
  v.strictObject(
    {
      version: v.pipe(v.literal(1, "1"), v.description("Version of this format: 1.")),
      socket: optional(socketName, "The tmux socket (tmux -L NAME). Default: mosaic-factory."),
      supervisor: optional(
        v.picklist(["auto", "systemd", "builtin"], "auto, systemd or builtin"),
        "What starts and restarts agents; auto prefers systemd. Default: auto.",
      ),
      window: optional(
        windowSize,
        "Size of the agents' terminals, columns x rows. Default: 200x50.",
      ),
      defaults: optional(
        v.strictObject(settings, "a map of what all agents share"),
        "For every agent that does not say otherwise; env, limits and restart merge key by key.",
      ),
      agents: v.pipe(
        v.array(agent, "a list of agents"),
        v.minLength(1, "at least one agent"),
        v.description("The agents of this host."),
      ),
    },
    "a map with version and agents",
  ),
  v.title("Mosaic fleet roster"),
  v.description("The agents of this host: ~/.config/mosaic/fleet/roster.yaml"),
);

/** The roster as written, valid by itself. */
export type WrittenRoster = v.InferOutput<typeof rosterSchema>;

/** What an agent and the defaults may both say. */
export type WrittenSettings = NonNullable<WrittenRoster["defaults"]>;

function optional<const T extends v.GenericSchema>(schema: T, description: string) {
  return v.exactOptional(v.pipe(schema, v.description(description)));
}
