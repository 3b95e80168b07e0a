// The restart lock beside proper-lockfile and flock, in turns: acquire and release when nobody else wants it, hand-over among
// eight processes, take-over after kill -9. The raw baseline is what any lock file costs at least: to make it and to
// remove it. proper-lockfile runs in Bun as we do. Run: npx bun test/bench/lock.ts
import { randomBytes } from "node:crypto";
import { closeSync, openSync, unlinkSync } from "node:fs";
import { lock } from "proper-lockfile";
import { resolvePaths } from "../../src/adapters/paths.ts";
import { createContext } from "../../src/adapters/system.ts";
import type { Context } from "../../src/context.ts";
import { withRegistry } from "../../src/lock/registry-mutex.ts";
import { acquireLock } from "../../src/lock/restart-lock.ts";
import { removeLeftovers } from "../support/leftovers.ts";
import { privateEnvironment } from "../support/private-environment.ts";
import { outputOf } from "../support/run-command.ts";
import { tempHome } from "../support/temp-home.ts";
import { printCosts } from "./lock-cost.ts";
import { printHandover, printTakeover } from "./lock-handover.ts";
import { median, printGoal, printTable, quantile } from "./measure.ts";

/** In turns: so many pairs of each, so many times. */
const batch = 100;
const rounds = 60;
const warmUps = 5;

const folder = tempHome();
const run = { id: `bench-${randomBytes(4).toString("hex")}`, tmpDir: folder.path };
try {
  const state = folder.at("state");
  const env = privateEnvironment(folder.path, { MOSAIC_STATE: state, MOSAIC_TEST_RUN: run.id });
  const ctx = { ...createContext(), env, paths: resolvePaths(env, []) };
  const [file, fifo] = [folder.write("target", ""), folder.at("fifo")];
  await outputOf(["mkfifo", fifo]);
  await printRates(ctx, file);
  await printCosts(ctx, batch * rounds);
  await printHandover({ file, fifo, env });
  await printTakeover({ file, fifo, env }, 10);
} finally {
  await removeLeftovers(run);
}

interface Contender {
  name: string;
  /** Takes and releases once. */
  pair: () => Promise<unknown>;
  /** Fewer, where one takes long. */
  batch?: number;
}

async function printRates(ctx: Context, file: string): Promise<void> {
  const mine = "mosaic";
  const [raw, peer, quickPeer] = ["raw", "proper-lockfile", "proper-lockfile, no realpath"];
  const contenders: Contender[] = [
    {
      name: raw,
      pair: async () => (closeSync(openSync(`${file}.raw`, "wx")), unlinkSync(`${file}.raw`)),
    },
    {
      name: "flock(2), our adapter",
      pair: async () => (await ctx.files.tryLock(file))?.[Symbol.dispose](),
    },
    { name: "mosaic, the registry mutex alone", pair: () => withRegistry(ctx, async () => {}) },
    {
      name: mine,
      pair: async () => (await acquireLock(ctx, "bench", { purpose: "bench" })).release(),
    },
    { name: peer, pair: async () => (await lock(file))() },
    { name: quickPeer, pair: async () => (await lock(file, { realpath: false }))() },
    { name: "flock(1) FILE true", pair: () => outputOf(["flock", file, "true"]), batch: 2 },
  ];
  const micros = await turns(contenders);
  const medianOf = (name: string): number => median(micros.get(name) ?? []);
  const rows = contenders.map(({ name }) => [
    name,
    (1_000_000 / medianOf(name)).toFixed(0),
    `${medianOf(name).toFixed(1)} us`,
    `${quantile(micros.get(name) ?? [], 0.99).toFixed(1)} us`,
    `${(medianOf(name) / medianOf(raw)).toFixed(1)}x`,
    `${(medianOf(peer) / medianOf(name)).toFixed(2)}x`,
  ]);
  printTable(`acquire and release, nobody else there: ${rounds} batches of ${batch}`, [
    ["", "per second", "median", "p99 of batches", "time of raw", "rate of proper-lockfile"],
    ...rows,
  ]);
  const quicker = Math.min(medianOf(peer), medianOf(quickPeer));
  const times = (quicker / medianOf(mine)).toFixed(2);
  printGoal(`1.5x proper-lockfile at its quicker (${times}x)`, quicker / medianOf(mine) >= 1.5);
}

/** Microseconds of a pair, of each batch, sorted. */
async function turns(contenders: readonly Contender[]): Promise<Map<string, number[]>> {
  const samples = new Map<string, number[]>(contenders.map(({ name }) => [name, []]));
  for (let round = -warmUps; round < rounds; round++) {
    for (const { name, pair, batch: count = batch } of contenders) {
      const beganAt = performance.now();
      for (let left = count; left > 0; left--) await pair();
      if (round < 0) continue;
      samples.get(name)?.push(((performance.now() - beganAt) * 1000) / count);
    }
  }
  for (const list of samples.values()) list.sort((a, b) => a - b);
  return samples;
}
