// `npm run container`: proves that the executable is all that a container needs. In a minimal Debian (no Node, no systemd
// that runs) mosaic is pid 1 and runs the demo fleet: it comes up, is verified, answers, reaps what others orphan, and stops
// within 10 seconds of SIGTERM. Needs root, and debootstrap.
import { existsSync } from "node:fs";
import { ensureInstalled } from "./support/debian.ts";
import { eventually } from "./support/eventually.ts";
import { type Container, minimalRoot, runContainer } from "./support/minimal-root.ts";
import { mosaicBinary } from "./support/mosaic-binary.ts";
import { tempHome } from "./support/temp-home.ts";

/** Docker's own patience before SIGKILL. */
const graceMs = 10_000;

/** Lines of the proof. Throws with what is wrong. */
export async function proveContainer(say: (line: string) => void): Promise<void> {
  const packages = { program: "debootstrap", package: "debootstrap", usedFor: "a minimal root" };
  await ensureInstalled([packages]);
  using work = tempHome();
  const root = await minimalRoot(work.path, await mosaicBinary());
  const programs = ["node", "npm", "systemctl", "curl", "python3"];
  const present = programs.filter((name) => existsSync(`${root}/usr/bin/${name}`));
  say(`minimal Debian, without ${programs.filter((name) => !present.includes(name)).join(", ")}`);
  if (present.length > 0) throw new Error(`this root is not minimal: ${present.join(", ")}`);
  const init = await runContainer(root, ["fleet", "init", "--profile", "demo", "--write"]);
  if ((await init.exited) !== 0) throw new Error(init.log());
  const beganAt = performance.now();
  await using fleet = await runContainer(root, ["fleet", "run"]);
  await up(fleet);
  say(`demo fleet verified ${since(beganAt)} after the start`);
  const asked = await fleet.shell('mosaic agent ask canary-1 "is anybody there?"');
  if (asked.exitCode !== 0) throw new Error(`no answer: ${asked.stderr}`);
  say(`canary-1 answers: ${asked.stdout.trim()}`);
  // Each leaves a child to pid 1, which has to take it off the process table when it ends.
  await fleet.shell("for i in 1 2 3 4 5; do (sleep 0.2 &); done");
  const zombies = await eventually(fleet.zombies, {
    until: (left) => left.length === 0,
    timeoutMs: 10_000,
    what: "orphans to be reaped",
  });
  say(`zombies: ${zombies.length}`);
  const stoppedAt = performance.now();
  process.kill(fleet.pid, "SIGTERM");
  const exitCode = await fleet.exited;
  const tookMs = performance.now() - stoppedAt;
  say(`SIGTERM: exit ${exitCode} after ${Math.round(tookMs)} ms`);
  if (exitCode !== 0 || tookMs > graceMs) throw new Error(`not a clean stop:\n${fleet.log()}`);
  if (!fleet.log().endsWith("stopped\n")) throw new Error(`it did not stop:\n${fleet.log()}`);
}

async function up(fleet: Container): Promise<void> {
  await eventually(async () => await fleet.shell("mosaic fleet verify"), {
    until: ({ exitCode }) => exitCode === 0,
    timeoutMs: 60_000,
    intervalMs: 100,
    what: "the fleet to be verified",
  });
}

function since(beganAt: number): string {
  return `${((performance.now() - beganAt) / 1000).toFixed(1)} s`;
}

if (import.meta.main) {
  await proveContainer((line) => process.stdout.write(`${line}\n`));
}
