// Arguments that several commands share. `valueHint` is what help prints and what completion goes by:
// NAME is an agent, PROFILE an example profile, FILE a path, `a|b` a choice; a trailing `…` means any number.

export const json = { type: "boolean", description: "print JSON with a schemaVersion" } as const;

export const dryRun = {
  type: "boolean",
  description: "say what would be done, and do nothing",
} as const;

/** One agent that must be named. */
export const agentName = {
  type: "positional",
  required: true,
  valueHint: "NAME",
  description: "the agent",
} as const;

/** One agent, or the whole roster without it. */
export const optionalAgentName = {
  type: "positional",
  valueHint: "NAME",
  required: false,
  description: "the agent (default: all)",
} as const;

/** Any number of agents; read them from `args._`. */
export const agentNames = {
  type: "positional",
  valueHint: "NAME…",
  required: false,
  description: "the agents (default: all)",
} as const;
