// Why a supervisor in the background did not come, from what it wrote into its log.
import type { Context } from "../../context.ts";
import { AppError, exitCodes } from "../../errors.ts";

/** A supervisor that we put into the background. */
export interface Background {
  /** Path of its log, to which every one appends. */
  log: string;
  /** Length of the log before this one, in characters. */
  from: number;
  /** Set when it has ended. */
  end: { exitCode: number | null; signal: string | null } | undefined;
}

const shownLines = 5;

/** What was written behind the first `from` characters; empty when there is no log. */
export async function textFrom(ctx: Context, log: string, from: number): Promise<string> {
  return ((await ctx.files.readText(log)) ?? "").slice(from);
}

/** The error of a supervisor that ended: its own words and exit code where it had any. */
export async function becauseOf(ctx: Context, background: Background): Promise<AppError> {
  const { log, end } = background;
  const text = await textFrom(ctx, log, background.from);
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  const said = lines.findLastIndex((line) => line.startsWith("mosaic: "));
  const hints = lines.slice(said + 1).map((line) => line.replace(/^ *hint: /, ""));
  if (said >= 0 && end !== undefined) {
    return new AppError((lines[said] ?? "").slice("mosaic: ".length), {
      exitCode: end.exitCode ?? exitCodes.failed,
      hint: [...hints, `tail ${log}`].join("\n"),
    });
  }
  const how = end === undefined ? "does not answer" : `ended with ${end.exitCode ?? end.signal}`;
  const last = lines.slice(-shownLines).join("; ");
  return new AppError(`the supervisor in the background ${how}${last === "" ? "" : `: ${last}`}`, {
    hint: `tail ${log}`,
  });
}
