// Words that a person can paste into a shell. Pure.
import { shellQuote } from "./launch.ts";

/** A path or an argument as one word of a command, in quotes only where it needs them. */
export function shellWord(text: string): string {
  return /^[A-Za-z0-9_./+@%:,-]+$/.test(text) ? text : shellQuote(text);
}
