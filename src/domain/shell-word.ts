// Words that a shell takes as they stand. Pure, and imports nothing: the start of every command pays for it.

/** A path or an argument as one word of a command, in quotes only where it needs them. */
export function shellWord(text: string): string {
  return /^[A-Za-z0-9_./+@%:,-]+$/.test(text) ? text : shellQuote(text);
}

/** Text as one word of POSIX sh, whatever it holds (NUL excepted, which no argv can hold). */
export function shellQuote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
