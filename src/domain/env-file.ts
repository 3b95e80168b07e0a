// An agent's envFile: KEY=VALUE lines, read here and, by the same rules, in tools/fleet/agent-pane.sh (a test
// holds the two equal). Nothing is expanded and nothing is escaped: a secret is taken as it stands. Pure.
// A message never quotes a value, and a line without `=` not at all: it may be half of a secret.

export interface EnvFileFault {
  line: number;
  message: string;
}

/**
 * The variables, the last of equal keys winning, or every fault. Per line: spaces and tabs in front are skipped; an
 * empty line and one that starts with # or ; says nothing; one `export ` may stand before the key; what follows the
 * first = is the value as it stands, but for a carriage return at its end and one pair of quotes around the whole.
 */
export function parseEnvFile(
  text: string,
): { env: Record<string, string> } | { faults: EnvFileFault[] } {
  const faults: EnvFileFault[] = [];
  const entries: [string, string][] = [];
  for (const [index, line] of text.split("\n").entries()) {
    const entry = parseLine(line);
    if (typeof entry === "string") faults.push({ line: index + 1, message: entry });
    else if (entry !== undefined) entries.push(entry);
  }
  return faults.length > 0 ? { faults } : { env: Object.fromEntries(entries) };
}

/** A key and its value, undefined for a line that says nothing, or what is wrong with it. */
function parseLine(raw: string): [string, string] | string | undefined {
  const line = raw.replace(/\r$/, "").replace(/^[ \t]+/, "");
  if (line === "" || line.startsWith("#") || line.startsWith(";")) return undefined;
  if (line.startsWith("\uFEFF"))
    return "expected KEY=VALUE, found a byte order mark; save the file without it";
  if (line.includes("\0")) return "expected text, found a NUL character";
  const assignment = line.replace(/^export /, "");
  const end = assignment.indexOf("=");
  if (end < 0) return "expected KEY=VALUE, found a line without =";
  const key = assignment.slice(0, end);
  if (/^[A-Za-z_][A-Za-z0-9_]*[ \t]+$/.test(key))
    return `expected ${key.trim()}=VALUE without a space before =`;
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(key)) {
    return "expected a variable's name before =: letters, digits and _, no digit first";
  }
  if (isReserved(key)) return `${key} is a name of mosaic's own`;
  return [key, unquote(assignment.slice(end + 1))];
}

/** By these an agent is known and stopped; no roster and no envFile may set them. */
export function isReserved(key: string): boolean {
  return /^(MOSAIC|mosaic)_/.test(key);
}

function unquote(value: string): string {
  const quote = value.charAt(0);
  const isQuoted = (quote === '"' || quote === "'") && value.length > 1 && value.endsWith(quote);
  return isQuoted ? value.slice(1, -1) : value;
}
