// The breakers of lock-chaos.ts as seen from outside: started, stopped and run on, killed and replaced, at random.
import { readFileSync } from "node:fs";
import { parseLock, type LockRecord } from "../../src/domain/lock-record.ts";
import { eventually } from "../support/eventually.ts";
import { signal } from "../support/processes.ts";
import type { Chance } from "./chance.ts";
import type { BreakerOptions } from "./chaos-breaker.ts";
import type { Tally } from "./chaos-tally.ts";
import { stateOf } from "./lock-witness.ts";

export interface CrowdOptions {
  size: number;
  chance: Chance;
  tally: Tally;
  /** The file of the lock that they fight for. */
  lockFile: string;
  breaker: Omit<BreakerOptions, "seed" | "wants">;
  env: Readonly<Record<string, string>>;
}

export interface Crowd {
  /** Whatever is due now. */
  disturb(): Promise<void>;
  /** Lets all of them end in order. One that does not is a hang. */
  end(): Promise<void>;
}

interface Breaker {
  child: Bun.Subprocess;
  /** It is stopped until then. */
  continuesAt?: number;
}

/** Longer than the stale time of the mutex (2 s) and of the lock (3 s), shorter than others wait for the mutex (10 s). */
const longestStopMs = 4_000;

/** A command that needs a SIGKILL is waited for, and a mutex that was left. */
const endTimeoutMs = 30_000;

/** Starts all of them. */
export function startCrowd({ size, chance, tally, lockFile, breaker, env }: CrowdOptions): Crowd {
  const start = (index: number): Breaker => {
    const options: BreakerOptions = {
      ...breaker,
      seed: Math.floor(chance.between(0, 2 ** 32)),
      wants: index % 3 === 2 ? "mutex" : "lock",
    };
    const program = `${import.meta.dir}/chaos-breaker.ts`;
    return {
      child: Bun.spawn([process.execPath, program, JSON.stringify(options)], {
        env: { ...env },
        stdio: ["ignore", "ignore", "inherit"],
      }),
    };
  };
  const crowd = Array.from({ length: size }, (_, index) => start(index));
  const due = timetable(chance);

  /** As often as not the one that has the lock. */
  const victim = (): Breaker | undefined => {
    const owner = chance.happens(0.5) ? recordIn(lockFile)?.owner.pid : undefined;
    return crowd.find(({ child }) => child.pid === owner) ?? chance.pick(crowd);
  };

  const replaceEnded = (): void => {
    for (const [index, { child }] of crowd.entries()) {
      if (!hasEnded(child)) continue;
      if (child.signalCode !== "SIGKILL") tally.add(`error a breaker ended: ${child.exitCode}`);
      tally.add("killed");
      tally.ended(child.pid);
      crowd[index] = start(index);
    }
  };

  const letRunOn = (): void => {
    const now = performance.now();
    for (const one of crowd) {
      // Also of one that stopped itself.
      const isStopped = isStoppedNow(one.child.pid);
      if (isStopped && one.continuesAt === undefined) {
        one.continuesAt = now + chance.between(5, longestStopMs);
        tally.stopped(one.child.pid);
      }
      if (one.continuesAt === undefined || now < one.continuesAt) continue;
      signal(one.child.pid, "SIGCONT");
      tally.add("continued");
      tally.stopped(one.child.pid);
      delete one.continuesAt;
    }
  };

  const killOne = async (): Promise<void> => {
    const one = victim();
    if (one === undefined) return;
    one.child.kill("SIGKILL");
    await one.child.exited;
    // Now and then what runs under its lock loses its first process as well, and goes on without.
    const record = recordIn(lockFile);
    if (record?.owner.pid !== one.child.pid || chance.happens(0.5)) return;
    for (const { pid, startTicks } of record.children) {
      if (stateOf(`${pid}-${startTicks}`) !== undefined) signal(pid, "SIGKILL");
    }
  };

  return {
    async disturb() {
      replaceEnded();
      letRunOn();
      if (due("kill", 1_400)) await killOne();
      if (!due("stop", 500)) return;
      const one = victim();
      if (one === undefined || one.continuesAt !== undefined) return;
      const stopMs = chance.happens(0.15) ? longestStopMs : chance.spread(5, longestStopMs);
      one.continuesAt = performance.now() + stopMs;
      tally.stopped(one.child.pid);
      one.child.kill("SIGSTOP");
    },
    async end() {
      for (const { child } of crowd) {
        child.kill("SIGCONT");
        child.kill("SIGTERM");
      }
      await eventually(
        () => {
          // One that has stopped itself only now.
          for (const { child } of crowd) if (isStoppedNow(child.pid)) child.kill("SIGCONT");
          return crowd.every(({ child }) => hasEnded(child));
        },
        { what: "the breakers to end", timeoutMs: endTimeoutMs },
      ).catch((error: unknown) => tally.add(`hang ${String(error)}`));
      for (const { child } of crowd) child.kill("SIGKILL");
    },
  };
}

/** Whether something is due again, which happens once in so many milliseconds. */
function timetable(chance: Chance): (what: string, everyMs: number) => boolean {
  const next = new Map<string, number>();
  return (what, everyMs) => {
    const now = performance.now();
    const at = next.get(what) ?? now + everyMs;
    const isDue = now >= at;
    next.set(what, isDue ? now + chance.between(0, 2 * everyMs) : at);
    return isDue;
  };
}

function hasEnded(child: Bun.Subprocess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

function isStoppedNow(pid: number): boolean {
  const stat = read(`/proc/${pid}/stat`);
  return stat.slice(stat.lastIndexOf(")") + 2)[0] === "T";
}

/** What a lock says; undefined when it is free. */
function recordIn(path: string): LockRecord | undefined {
  const content = parseLock(read(path));
  return content.kind === "record" ? content.record : undefined;
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return ""; // Not there now.
  }
}
