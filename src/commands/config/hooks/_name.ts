// The argument that names what is switched.

/** An event, or the id of a hook. */
export const hookName = {
  type: "positional",
  required: true,
  valueHint: "HOOK",
  description: "an event such as PostToolUse, or a hook's name of config hooks list",
} as const;
