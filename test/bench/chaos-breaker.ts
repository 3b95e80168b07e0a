// One of the processes of lock-chaos.ts: takes the lock and the registry mutex again and again, does its work inside, and
// tells what happened by a line in a file. Ends in order at SIGTERM. argv: what lock-chaos.ts passes, as JSON.
import { openSync, statSync, writeSync } from "node:fs";
import { createContext } from "../../src/adapters/system.ts";
import type { Context, Files } from "../../src/context.ts";
import { minStaleMs } from "../../src/domain/lock-verdict.ts";
import { lockFiles } from "../../src/domain/names.ts";
import { AppError, exitCodes } from "../../src/errors.ts";
import type { HeldLock } from "../../src/lock/held-lock.ts";
import { withRegistry } from "../../src/lock/registry-mutex.ts";
import { acquireLock } from "../../src/lock/restart-lock.ts";
import { type Chance, chanceOf } from "./chance.ts";
import { enter, insideCommand } from "./lock-witness.ts";

export interface BreakerOptions {
  seed: number;
  /** Some want the mutex alone, since the lock makes everybody wait, and then few want the mutex. */
  wants: "lock" | "mutex";
  /** Every breaker appends to it. */
  events: string;
  /** Witnesses of who holds the lock, and the mutex. */
  insideLock: string;
  insideMutex: string;
  /** Environment of the commands. */
  env: Readonly<Record<string, string>>;
  hasFlock: boolean;
}

/** The lock that all of them want. */
export const chaosLock = "chaos";

/** One that wants the mutex alone stops or kills itself inside about this often. */
const mishapEveryMs = 15_000;

/** A mutex that is older is about to be reaped, or its holder was stopped. */
const oldMs = 1_000;

if (import.meta.main) await breakLocks(JSON.parse(process.argv[2] ?? ""));

async function breakLocks(options: BreakerOptions): Promise<void> {
  const chance = chanceOf(options.seed);
  const fd = openSync(options.events, "a");
  const tell = (event: string): void => void writeSync(fd, `${event}\n`);
  const real = createContext();
  const ctx = { ...real, files: slowFiles(real, { chance, hasFlock: options.hasFlock }) };
  const end = new AbortController();
  process.on("SIGTERM", () => end.abort());
  const mutex = mutexHolder(ctx, { options, chance, tell });
  while (!end.signal.aborted) {
    try {
      if (options.wants === "mutex") await mutex();
      else await holdLockOnce(ctx, { options, chance, tell });
    } catch (error) {
      // The mutex can be kept by a stopped process for longer than others wait for it.
      const isBusy = error instanceof AppError && error.exitCode === exitCodes.busy;
      tell(isBusy ? "busy" : `error ${String(error).split("\n")[0]}`);
    }
  }
}

interface Setting {
  options: BreakerOptions;
  chance: Chance;
  tell: (event: string) => void;
}

async function holdLockOnce(ctx: Context, setting: Setting): Promise<void> {
  const { chance, tell } = setting;
  tell(`want ${process.pid}`);
  const held = await acquireLock(ctx, chaosLock, {
    purpose: "chaos",
    staleMs: minStaleMs,
    maxWaitMs: chance.happens(0.12) ? chance.spread(20, 400) : undefined,
  }).finally(() => tell(`had ${process.pid}`));
  tell(`took ${held.takeover?.reason ?? "free"}`);
  try {
    for (let left = chance.pick([0, 1, 1, 1, 2]) ?? 0; left > 0; left--) {
      await runInside(ctx, { ...setting, held });
    }
  } finally {
    tell(await held.release());
  }
}

async function runInside(
  ctx: Context,
  { options, chance, tell, held }: Setting & { held: HeldLock },
): Promise<void> {
  // A few need a SIGKILL, which comes 5 s after the SIGTERM that they do not hear.
  const isDeaf = chance.happens(0.1);
  const longest = isDeaf && chance.happens(0.02) ? 7 : chance.happens(0.06) ? 0.8 : 0.01;
  const child = ctx.spawn(
    insideCommand({
      inside: options.insideLock,
      events: options.events,
      seconds: chance.happens(0.3) ? 0 : chance.between(0, longest),
      isDeaf,
      isBelow: chance.happens(0.3),
    }),
    { env: { ...options.env, ...held.env }, gate: held.gate },
  );
  const { exitCode } = await child.exited;
  // Without an exit code a signal has ended it, which is what happens to what runs under a lock that is broken.
  if (exitCode !== 0 && exitCode !== null) tell(`error the command ended with ${exitCode}`);
}

/** Takes the mutex many times, one after the other. */
function mutexHolder(ctx: Context, { options, chance, tell }: Setting): () => Promise<void> {
  let mishapAt = performance.now() + chance.between(0, mishapEveryMs);
  const mishap = (): void => {
    mishapAt = performance.now() + chance.between(0, 2 * mishapEveryMs);
    const signal = chance.happens(0.5) ? "SIGSTOP" : "SIGKILL";
    tell(`aimed ${signal}`);
    process.kill(process.pid, signal);
  };
  const inside = async (): Promise<void> => {
    const leave = enter({ what: "mutex", inside: options.insideMutex, tell });
    if (performance.now() > mishapAt) mishap();
    if (chance.happens(0.1)) await Bun.sleep(chance.spread(1, 30));
    leave();
  };
  return async () => {
    const count = Math.round(chance.between(1, 40));
    for (let left = count; left > 0; left--) {
      await withRegistry(ctx, inside);
      // Whoever takes it again at once leaves no moment for the others: nothing is fair about a file.
      if (chance.happens(0.5)) await Bun.sleep(chance.between(0, 10));
    }
    tell(`mutexes ${count}`);
  };
}

/** Files that pause where a race has its chance, with flock and without. */
function slowFiles(
  { files, paths }: Context,
  { chance, hasFlock }: { chance: Chance; hasFlock: boolean },
): Files {
  const { mutex } = lockFiles(paths);
  return {
    ...files,
    canFlock: async () => hasFlock && (await files.canFlock()),
    async open(path, how) {
      const file = await files.open(path, how);
      if (file === undefined) return undefined;
      // Made, but nobody can see yet that its maker lives.
      if (path === mutex && chance.happens(0.01)) await Bun.sleep(chance.between(0, 3));
      return hasFlock ? file : { ...file, flock: async () => "unsupported" };
    },
    async remove(path) {
      // Judged, but not yet removed.
      if (path === mutex && isOld(mutex)) await Bun.sleep(chance.between(0, 20));
      await files.remove(path);
    },
  };
}

function isOld(path: string): boolean {
  const found = statSync(path, { throwIfNoEntry: false });
  return found !== undefined && Date.now() - found.mtimeMs > oldMs;
}
