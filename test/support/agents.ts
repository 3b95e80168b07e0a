// The real agent CLIs for end-to-end tests: exact versions of test/e2e/agents/package.json, installed on demand.
import { existsSync, writeFileSync } from "node:fs";
import { tryLock } from "../../src/adapters/flock.ts";
import { eventually } from "./eventually.ts";
import { outputOf } from "./run-command.ts";

const folder = `${import.meta.dir}/../e2e/agents`;

/** Made when npm has ended well: the programs are there before that. */
const done = `${folder}/node_modules/.installed`;

export interface Agents {
  /** The folder of pi and of the Node.js that it needs. */
  bin: string;
  /** Goes in front of PATH: all of the CLIs. */
  path: string;
}

/** Ten minutes: the packages have some 1.5 GB. */
const installTimeoutMs = 600_000;

/**
 * Installs them when they are not there; throws with npm's words when that fails. Two test processes that ask at once
 * do not install into one folder: the second one waits and finds them.
 */
export async function installAgents(): Promise<Agents> {
  const programs = `${folder}/node_modules/.bin`;
  // The package of this platform: a lock file of opencode-ai needs those of all, which not every registry has.
  const opencode = `${folder}/node_modules/opencode-linux-x64/bin`;
  const needed = [
    ...["pi", "claude", "codex", "node"].map((program) => `${programs}/${program}`),
    `${opencode}/opencode`,
    done,
  ];
  const isInstalled = () => needed.every((path) => existsSync(path));
  if (!isInstalled()) {
    using held = new DisposableStack();
    const lock = await eventually(() => tryLock(`${folder}/.install.lock`), {
      what: "another process's npm ci",
      timeoutMs: installTimeoutMs,
      intervalMs: 200,
    });
    if (lock !== undefined) held.use(lock);
    // Whoever held the lock may just have installed them.
    if (!isInstalled()) await install();
  }
  const missing = needed.filter((path) => !existsSync(path));
  if (missing.length > 0) throw new Error(`npm ci left no ${missing.join(", ")}`);
  return { bin: programs, path: `${programs}:${opencode}` };
}

async function install(): Promise<void> {
  await outputOf(["npm", "ci", "--no-audit", "--no-fund"], {
    cwd: folder,
    timeoutMs: installTimeoutMs,
  });
  writeFileSync(done, "");
}
