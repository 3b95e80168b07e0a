// Whether the wizard asks: at a terminal it does, unless somebody said in words that it need not.
import type { Context } from "../context.ts";
import { usageError } from "../errors.ts";

const variable = "MOSAIC_ASSUME_YES";

/**
 * Whether a person is there and may be asked. Throws AppError (exit 2) for a variable that is neither yes nor no, and where all would be
 * applied unasked at a terminal, which nobody expects of a word about the output.
 */
export function mayAsk(
  { env, io }: Pick<Context, "env" | "io">,
  { dryRun, json }: { dryRun: boolean; json: boolean },
): boolean {
  const isAssumed = assumesYes(env[variable] ?? "");
  if (isAssumed || dryRun || !io.stdinIsTty) return false;
  if (!json && io.stderrIsTty) return true;
  const why = json
    ? "--json asks nothing"
    : "the questions need standard error, and it is no terminal";
  throw usageError(
    `${why}, and nobody said that all may be applied`,
    `the plan alone: --dry-run\nto apply it unasked: ${variable}=1`,
  );
}

function assumesYes(text: string): boolean {
  const word = text.trim().toLowerCase();
  if (["1", "true", "yes"].includes(word)) return true;
  if (["", "0", "false", "no"].includes(word)) return false;
  throw usageError(`${variable}: expected 1 or 0, found ${JSON.stringify(text.slice(0, 60))}`);
}
