// What a sender says: the text of a message and the label it comes under.
import type { Context } from "../context.ts";
import { sanitized } from "../domain/message.ts";
import { agentNamePattern } from "../domain/names.ts";
import { shellWord } from "../domain/shell-word.ts";
import { oneLine } from "../domain/terminal-text.ts";
import { decodeUtf8 } from "../domain/utf8.ts";
import { usageError } from "../errors.ts";

export interface TextSource {
  /** How to type it right, for the error. */
  help: string;
  message: string | undefined;
  /** A file to read the message from; `-` is standard input. */
  file: string | undefined;
}

/** As agent-send.sh takes it. */
const maxLabelBytes = 200;

/** Beyond this no composer takes a text, and no prompt should. */
const maxTextBytes = 1_000_000;

/** The text; standard input without any source. Throws AppError, exit 2, when there is none, two, or it is empty. */
export async function readText(ctx: Context, source: TextSource): Promise<string> {
  const { message, file, help } = source;
  if (message !== undefined && file !== undefined) {
    throw usageError("a message and --file exclude each other", help);
  }
  const text = message ?? (await readInput(ctx, { file, help }));
  checkText(text, help);
  return text;
}

/** Throws AppError, exit 2, for a text that no agent can take: an empty one, or one that is too long. */
export function checkText(text: string, help: string): void {
  if (sanitized(text).trim() === "") throw usageError("the message is empty", help);
  const bytes = new TextEncoder().encode(text).length;
  if (bytes > maxTextBytes) {
    throw usageError(
      `the message has ${bytes} bytes, more than ${maxTextBytes}`,
      "write it into a file and send the path",
    );
  }
}

async function readInput(
  ctx: Context,
  { file, help }: { file: string | undefined; help: string },
): Promise<string> {
  if (file !== undefined && file !== "-") {
    const bytes = await ctx.files.readBytes(file);
    if (bytes === undefined) throw usageError(`there is no file ${file}`, help);
    return textOf(bytes, file);
  }
  if (file === undefined && ctx.io.stdinIsTty) throw usageError("there is no message", help);
  return textOf(await ctx.io.readStdinBytes(), "-");
}

/** An agent is told what its sender said, or nothing. */
function textOf(bytes: Uint8Array, file: string): string {
  const decoded = decodeUtf8(bytes);
  if ("text" in decoded) return decoded.text;
  const what = file === "-" ? "standard input" : file;
  const from = file === "-" ? "" : ` ${shellWord(file)}`;
  throw usageError(
    `the message is no UTF-8 text: byte ${decoded.invalidAt} of ${what}, counted from 0`,
    `iconv -f latin1 -t UTF-8${from}`,
  );
}

/**
 * The label; of nobody, `HOST:AGENT` inside an agent's pane and `HOST:operator` elsewhere. An agent that names itself
 * otherwise is named too: its reader must not take it for somebody else. Throws AppError, exit 2.
 */
export function readLabel(ctx: Context, label: string | undefined, help: string): string {
  const agent = ownAgent(ctx);
  const own = `${ctx.host.name}:${agent ?? "operator"}`;
  if (label === undefined) return own;
  const clean = cleanLabel(label);
  const whole = agent === undefined || clean === own ? clean : `${clean} via ${own}`;
  if (clean === "" || new TextEncoder().encode(whole).length > maxLabelBytes) {
    const what = JSON.stringify(clean.slice(0, 40));
    throw usageError(`not a source label of 1 to ${maxLabelBytes} bytes: ${what}`, help);
  }
  return whole;
}

/** As it can stand in a header: one line, without brackets. */
export function cleanLabel(label: string): string {
  return oneLine(label).replaceAll(/[[\]]/g, "").trim();
}

/** The agent in whose pane, or below whose runtime, we run. */
export function ownAgent({ env }: Pick<Context, "env">): string | undefined {
  const { MOSAIC_AGENT: own = "" } = env;
  return agentNamePattern.test(own) ? own : undefined;
}
