// The folder of Claude Code's settings, and what of its hooks is documented: events, matchers. Pure.
// Facts: docs of Claude Code on hooks, and its program 2.1.330 where those are silent.
import { usageError } from "../errors.ts";

type Env = Readonly<Record<string, string | undefined>>;

/** How the folder was named. CLAUDE_HOME is ours and wins; Claude Code itself knows CLAUDE_CONFIG_DIR alone. */
export type ClaudeHomeSource = "CLAUDE_HOME" | "CLAUDE_CONFIG_DIR" | "default";

export interface ClaudeHome {
  /** Absolute. */
  dir: string;
  source: ClaudeHomeSource;
  /** Both variables are set, and name different folders: Claude Code would not read what we write. */
  hasConflict: boolean;
}

/** Throws AppError (exit 2) when the variable that counts is no absolute path. */
export function claudeHome(env: Env, { home }: { home: string }): ClaudeHome {
  const own = trimmed(env["CLAUDE_HOME"]);
  const theirs = trimmed(env["CLAUDE_CONFIG_DIR"]);
  const read = theirs ?? `${home}/.claude`;
  const dir = own ?? read;
  const source =
    own !== undefined ? "CLAUDE_HOME" : theirs !== undefined ? "CLAUDE_CONFIG_DIR" : "default";
  if (!dir.startsWith("/")) {
    throw usageError(
      `${source} must be an absolute path, not ${JSON.stringify(dir)}`,
      `export ${source}="$(realpath -m -- "$${source}")"`,
    );
  }
  const hasConflict = own !== undefined && theirs !== undefined && own !== theirs;
  return { dir, source, hasConflict };
}

/** What Claude Code reads. */
export function settingsFile(dir: string): string {
  return `${dir}/settings.json`;
}

/** What is ours: which hooks there are, and which of them are on. Claude Code never reads it. */
export function hooksConfigFile(dir: string): string {
  return `${dir}/hooks-config.json`;
}

/** The kind of hook that runs a program, and the name of the field that says which. */
export const commandHook = { type: "command" } as const;

/**
 * The events that settings.json gets an entry for: those that Claude Code has had for long. An event that a version does
 * not know makes it warn about the file.
 */
export const claudeEvents = [
  "SessionStart",
  "UserPromptSubmit",
  "PreToolUse",
  "PermissionRequest",
  "PostToolUse",
  "PostToolUseFailure",
  "Notification",
  "SubagentStop",
  "Stop",
  "StopFailure",
  "PreCompact",
  "SessionEnd",
] as const;

export type ClaudeEvent = (typeof claudeEvents)[number];

/** The field of an event's JSON that a matcher is held against; the others have none, and their matcher is ignored. */
const matchedField: Readonly<Partial<Record<string, string>>> = {
  SessionStart: "source",
  PreToolUse: "tool_name",
  PermissionRequest: "tool_name",
  PostToolUse: "tool_name",
  PostToolUseFailure: "tool_name",
  Notification: "notification_type",
  SubagentStop: "agent_type",
  StopFailure: "error",
  PreCompact: "trigger",
  SessionEnd: "reason",
};

/**
 * Whether a hook of this matcher is for this event, as Claude Code judges it: none, empty and `*` are for all; words
 * separated by `|` or `,` are whole names; anything else is a regular expression that may match anywhere. One that is
 * no regular expression matches nothing.
 */
export function isMatched(
  matcher: string | undefined,
  { event, payload }: { event: string; payload: Readonly<Record<string, unknown>> },
): boolean {
  const field = matchedField[event];
  if (matcher === undefined || matcher === "" || matcher === "*" || field === undefined)
    return true;
  const value = payload[field];
  if (typeof value !== "string" || value === "") return true;
  if (/^[a-zA-Z0-9_|, -]+$/.test(matcher)) {
    return matcher.split(/[|,]/).some((name) => name.trim() === value);
  }
  try {
    return new RegExp(matcher).test(value);
  } catch {
    // As Claude Code does, which says so in its debug log; `config hooks verify` tells it.
    return false;
  }
}

function trimmed(path: string | undefined): string | undefined {
  if (path === undefined || path === "") return undefined;
  return path.length > 1 ? path.replace(/\/+$/, "") || "/" : path;
}
