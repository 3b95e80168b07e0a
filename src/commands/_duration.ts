// Durations on the command line.
import { parseDuration } from "../domain/duration.ts";
import { oneLine } from "../domain/terminal-text.ts";
import { usageError } from "../errors.ts";

export interface DurationRule {
  /** As the user typed it, for the message: `--stale`. */
  flag: string;
  /** Milliseconds; 0 lets `0` pass. */
  leastMs: number;
  /** The same in words: `3s`. */
  least: string;
  /** The command whose help explains it. */
  command: string;
}

/** Milliseconds of `30s`, `2m` and the like; undefined for a flag that was not given. Throws AppError exit 2. */
export function durationMs(text: string | undefined, rule: DurationRule): number | undefined {
  if (text === undefined) return undefined;
  const { flag, leastMs, least, command } = rule;
  const value = text === "0" ? 0 : parseDuration(text);
  if (value !== undefined && value >= leastMs) return value;
  throw usageError(
    `${flag} takes a duration from ${least} up, such as 30s or 2m, not "${oneLine(text)}"`,
    `${command} --help`,
  );
}
