// The environment that an installed unit file sets, read back from its text. Pure.

/** Every `Environment="KEY=VALUE"` line, as src/supervisors/systemd/units.ts writes them; the last of equal keys wins. */
export function unitEnvironmentOf(unit: string): Map<string, string> {
  const lines = [...unit.matchAll(/^Environment="(\w+)=(.*)"$/gm)];
  return new Map(lines.map(([, key = "", value = ""]) => [key, unescaped(value)]));
}

const escapes: Readonly<Record<string, string>> = { n: "\n", t: "\t" };

function unescaped(value: string): string {
  const plain = value.replaceAll(/\\(.)/g, (_, letter: string) => escapes[letter] ?? letter);
  return plain.replaceAll("%%", "%");
}
