// Numbers on the command line: citty knows only text.
import { usageError } from "../errors.ts";
import { oneLine } from "../domain/terminal-text.ts";

export interface NumberRule {
  /** As the user typed it, for the message: `-n`. */
  flag: string;
  least: number;
  /** The command whose help explains it: `mosaic agent tail`. */
  command: string;
}

/** The whole number that the text is, up to 9 digits; throws AppError exit 2. */
export function wholeNumber(text: string, { flag, least, command }: NumberRule): number {
  const value = Number(text);
  if (!/^\d{1,9}$/.test(text) || value < least) {
    throw usageError(
      `${flag} takes a whole number from ${least} up, not "${oneLine(text)}"`,
      `${command} --help`,
    );
  }
  return value;
}
