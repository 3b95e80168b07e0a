// The real agent CLIs for end-to-end tests: exact versions of test/e2e/agents/package.json, installed on demand.
import { existsSync } from "node:fs";
import { outputOf } from "./run-command.ts";

const folder = `${import.meta.dir}/../e2e/agents`;

export interface Agents {
  /** Goes in front of PATH: the CLIs, and the Node.js they need. */
  bin: string;
}

/** Ten minutes: the packages have some 400 MB. */
const installTimeoutMs = 600_000;

/** Installs them when they are not there; throws with npm's words when that fails. */
export async function installAgents(): Promise<Agents> {
  const bin = `${folder}/node_modules/.bin`;
  const needed = ["pi", "node"].map((name) => `${bin}/${name}`);
  if (!needed.every((path) => existsSync(path))) {
    const argv = ["npm", "ci", "--no-audit", "--no-fund"];
    await outputOf(argv, { cwd: folder, timeoutMs: installTimeoutMs });
  }
  const missing = needed.filter((path) => !existsSync(path));
  if (missing.length > 0) throw new Error(`npm ci left no ${missing.join(", ")}`);
  return { bin };
}
