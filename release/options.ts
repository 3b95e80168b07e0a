// What `npm run release -- …` may be told. Pure.
import { targets } from "./targets.ts";

export interface ReleaseOptions {
  /** PEM file with the Ed25519 private key. */
  keyFile: string | undefined;
  /** Where the contents of the folder will be served; baked into install.sh, and from there into each receipt. */
  baseUrl: string;
  /** Names of targets; undefined: all. */
  targets: readonly string[] | undefined;
  /** Absolute or relative folder to write; undefined: dist/release. */
  out: string | undefined;
  /** Public keys (raw, base64) that this release's updater believes besides its own: the next key, before it is used. */
  trusted: readonly string[];
  /** Build everything a second time from a clean clone elsewhere, and compare. */
  isProven: boolean;
}

const usage = `usage: npm run release -- [--key FILE] [--base-url URL] [--targets NAME,…] [--out DIR] [--trust KEY,…]
                          [--no-proof]
  MOSAIC_RELEASE_KEY_FILE, MOSAIC_RELEASE_KEY (PEM text) and MOSAIC_RELEASE_BASE_URL stand for the first two.`;

/** Throws, with the usage, for what is not in it. */
export function parseOptions(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): ReleaseOptions {
  const values = new Map<string, string>();
  const rest = [...args];
  for (let name = rest.shift(); name !== undefined; name = rest.shift()) {
    if (name === "--no-proof") values.set(name, "");
    else if (["--key", "--base-url", "--targets", "--out", "--trust"].includes(name)) {
      values.set(name, rest.shift() ?? wrong(`${name} needs a value`));
    } else wrong(`unknown: ${name}`);
  }
  const chosen = values.get("--targets")?.split(",");
  for (const name of chosen ?? []) {
    if (!targets.some((target) => target.name === name)) wrong(`no such target: ${name}`);
  }
  return {
    keyFile: values.get("--key"),
    baseUrl: (values.get("--base-url") ?? env["MOSAIC_RELEASE_BASE_URL"] ?? "").replace(/\/+$/, ""),
    targets: chosen,
    out: values.get("--out"),
    trusted: values.get("--trust")?.split(",") ?? [],
    isProven: !values.has("--no-proof"),
  };
}

function wrong(what: string): never {
  throw new Error(`${what}\n${usage}`);
}
