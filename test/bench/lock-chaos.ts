// The soak of the restart lock: breakers that fight for one lock while they are killed and stopped at random. Whether two
// were ever inside at once is told by those inside (lock-witness.ts). With --no-flock the registry mutex goes by its age
// alone, and the same soak has to find that two can have it. A failure is exit 1.
// Run: npx bun test/bench/lock-chaos.ts --breakers 8 --seconds 60 [--no-flock] [--seed N]
import { randomBytes } from "node:crypto";
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { resolvePaths } from "../../src/adapters/paths.ts";
import { createContext } from "../../src/adapters/system.ts";
import { lockFiles } from "../../src/domain/names.ts";
import { acquireLock } from "../../src/lock/restart-lock.ts";
import { removeLeftovers } from "../support/leftovers.ts";
import { privateEnvironment, type PrivateEnvironment } from "../support/private-environment.ts";
import { tempHome } from "../support/temp-home.ts";
import { chanceOf } from "./chance.ts";
import { chaosLock } from "./chaos-breaker.ts";
import { startCrowd } from "./chaos-crowd.ts";
import { type Tally, tallyOf } from "./chaos-tally.ts";
import { printGoal, printTable } from "./measure.ts";

/** Between two looks at what is due. */
const tickMs = 10;

/** A command that outlived its breaker may have to be waited for. */
const lastWaitMs = 30_000;

const { values } = parseArgs({
  options: {
    breakers: { type: "string", default: "8" },
    seconds: { type: "string", default: "60" },
    seed: { type: "string", default: String(randomBytes(2).readUInt16LE()) },
    "no-flock": { type: "boolean", default: false },
  },
});
const hasFlock = !values["no-flock"];
const seconds = Number(values.seconds);
const folder = tempHome();
const run = { id: `chaos-${randomBytes(4).toString("hex")}`, tmpDir: folder.path };
const env = privateEnvironment(folder.path, {
  MOSAIC_STATE: folder.at("state"),
  MOSAIC_TEST_RUN: run.id,
});
const end = new AbortController();
process.on("SIGINT", () => end.abort());
process.on("SIGTERM", () => end.abort());
try {
  process.exitCode = (await soak()) ? 0 : 1;
} finally {
  await removeLeftovers(run);
}

/** Whether it went as it has to. */
async function soak(): Promise<boolean> {
  const events = folder.at("events");
  writeFileSync(events, "");
  const [insideLock, insideMutex] = [folder.at("inside-lock"), folder.at("inside-mutex")];
  for (const inside of [insideLock, insideMutex]) mkdirSync(inside);
  using tally = tallyOf(events);
  const paths = resolvePaths(env, []);
  const crowd = startCrowd({
    size: Number(values.breakers),
    chance: chanceOf(Number(values.seed)),
    tally,
    lockFile: lockFiles(paths).lock(chaosLock),
    breaker: { events, insideLock, insideMutex, env, hasFlock },
    env,
  });
  const endsAt = performance.now() + seconds * 1000;
  while (!end.signal.aborted && performance.now() < endsAt) {
    tally.read();
    await crowd.disturb();
    await Bun.sleep(tickMs);
  }
  await crowd.end();
  tally.read();
  const left = await leftAfterOneMore(env, tally);
  report(tally, left);
  return judge(tally, left);
}

/** What stands in the folder of the locks when one more has taken the lock and released it: nothing should. */
async function leftAfterOneMore(own: PrivateEnvironment, tally: Tally): Promise<string[]> {
  const paths = resolvePaths(own, []);
  const ctx = { ...createContext(), env: own, paths };
  try {
    const held = await acquireLock(ctx, chaosLock, { purpose: "end", timeoutMs: lastWaitMs });
    await held.release();
  } catch (error) {
    tally.add(`hang at the end: ${String(error)}`);
  }
  return readdirSync(lockFiles(paths).dir);
}

function report(tally: Tally, left: readonly string[]): void {
  const rows: [string, number][] = [
    ["lock taken", tally.count("took")],
    ["  when it was free", tally.count("took free")],
    ["  from a dead owner", tally.count("took dead")],
    ["  from a silent owner", tally.count("took silent")],
    ["  from a living owner, after max-wait", tally.count("took max-wait")],
    ["  released in order", tally.count("released")],
    ["  found to be lost at the release", tally.count("lost")],
    ["commands that ran under it", tally.count("inside")],
    ["  killed while inside", tally.count("abandoned lock")],
    ["mutex taken, beside what the lock needs", tally.count("mutex")],
    ["  killed while inside", tally.count("abandoned mutex")],
    ["told that it is busy", tally.count("busy")],
    ["breakers killed", tally.count("killed")],
    ["breakers stopped, and run on", tally.count("continued")],
    ["double holders of the lock", tally.count("double lock")],
    ["double holders of the mutex", tally.count("double mutex")],
    ["  though neither was ever stopped", tally.count("raced mutex")],
    ["hangs", tally.count("hang")],
    ["files left", left.length],
    ["unexpected errors", tally.count("error")],
  ];
  const how = `${values.breakers} breakers, ${seconds} s, seed ${values.seed}`;
  const cells = rows.map(([what, count]) => [what, String(count)]);
  printTable(`lock chaos ${hasFlock ? "with" : "WITHOUT"} flock: ${how}`, cells);
  for (const line of [...tally.faults, ...left]) process.stdout.write(`  ${line}\n`);
}

function judge(tally: Tally, left: readonly string[]): boolean {
  const doubles = tally.count("double");
  if (!hasFlock) {
    printGoal("without flock two holders of the mutex are found", doubles > 0);
    return doubles > 0;
  }
  const faults = doubles + left.length + tally.count("hang") + tally.count("error");
  const isSound = faults === 0 && tally.count("took") > 0;
  printGoal("0 double holders, 0 hangs, 0 files left, 0 errors", isSound);
  return isSound;
}
