// `npm run quickstart`: builds the binary, then does the main job as a person would type it, in a throw-away home:
// init, start, verify, send, tail, stop. It checks the canary's answer itself, and leaves nothing behind.
import { createHash, randomBytes } from "node:crypto";
import { dirname } from "node:path";
import { $ } from "zx";
import { ensureInstalled, fleetRequirements } from "./support/debian.ts";
import { eventually } from "./support/eventually.ts";
import { findLeftovers, removeLeftovers } from "./support/leftovers.ts";
import { mosaicBinary } from "./support/mosaic-binary.ts";
import { privateEnvironment, type PrivateEnvironment } from "./support/private-environment.ts";
import { tempHome } from "./support/temp-home.ts";

const message = "Say hello to a fleet that has just come up.";

/** Starting two canaries takes about a second; a busy machine may need more. */
const answerTimeoutMs = 30_000;

process.exitCode = await main();

async function main(): Promise<number> {
  const stop = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"])
    process.on(signal, () => stop.abort(signal));
  const home = tempHome();
  // No user manager answers in these folders, so the fleet runs on the builtin supervisor: the person's real manager
  // would not see the units of a home that is not its own.
  const env = privateEnvironment(home.path);
  // Not the pid, which another run may have had, or have in another container: what carries the mark is killed.
  const run = { id: `quickstart-${randomBytes(4).toString("hex")}`, tmpDir: home.path };
  try {
    await ensureInstalled(fleetRequirements);
    say("$ npm run build\n");
    const binary = await mosaicBinary();
    say(`${binary}\n`);
    const path = `${dirname(binary)}:${process.env.PATH ?? env.PATH}`;
    await tour({ ...env, PATH: path, MOSAIC_TEST_RUN: run.id }, stop.signal);
    const left = findLeftovers(run).filter((line) => line.startsWith("process"));
    if (left.length > 0) throw new Error(`left behind after the stop:\n${left.join("\n")}`);
    say("\nThe canary answered exactly the text that was sent, and nothing is left behind.\n");
    return 0;
  } catch (error) {
    if (stop.signal.aborted) return 130;
    process.stderr.write(
      `\nquickstart failed: ${error instanceof Error ? error.message : String(error)}\n`,
    );
    return 1;
  } finally {
    await removeLeftovers(run);
  }
}

async function tour(env: PrivateEnvironment, signal: AbortSignal): Promise<void> {
  const mosaic = (args: string[]) => type(["mosaic", ...args], { env, signal });
  await mosaic(["fleet", "init", "--profile", "demo", "--write"]);
  await mosaic(["fleet", "start"]);
  await mosaic(["fleet", "verify"]);
  await mosaic(["agent", "send", "canary-1", "--message", message]);
  await untilAnswered(env, signal);
  await mosaic(["agent", "tail", "canary-1"]);
  await mosaic(["fleet", "stop"]);
}

/** Runs a command and shows it and its output as a terminal would; throws when it fails. */
async function type(
  argv: string[],
  { env, signal }: { env: PrivateEnvironment; signal: AbortSignal },
): Promise<void> {
  say(`\n$ ${argv.map((word) => (/^[\w./-]+$/.test(word) ? word : `"${word}"`)).join(" ")}\n`);
  signal.throwIfAborted();
  const ended = await $({ env, cwd: env.HOME, signal, quiet: true, nothrow: true })`${argv}`;
  say(ended.stdall);
  if (ended.exitCode !== 0) throw new Error(`exit ${ended.exitCode ?? ended.signal}`);
}

/** What arrived is counted and hashed by the canary; the expectation comes from the text that was sent. */
async function untilAnswered(env: PrivateEnvironment, signal: AbortSignal): Promise<void> {
  const bytes = Buffer.byteLength(message);
  const digest = createHash("sha256").update(message).digest("hex").slice(0, 16);
  const expected = `canary: ${bytes} bytes, sha256 ${digest}`;
  const tail = $({ env, cwd: env.HOME, signal, quiet: true, nothrow: true });
  await eventually(async () => (await tail`mosaic agent tail canary-1 -n 50`).stdout, {
    what: `the answer "${expected}"`,
    until: (screen) => signal.aborted || screen.includes(expected),
    timeoutMs: answerTimeoutMs,
    intervalMs: 100,
  });
}

function say(text: string): void {
  process.stdout.write(text);
}
