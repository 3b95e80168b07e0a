// What a restart lock has to do, in memory and without files: who holds it, what runs under it, and how a try to take
// it ends. Time is not in it: whoever waits, waits long enough for silence to be seen.
import { minStaleMs } from "../../src/domain/lock-verdict.ts";
import type { TakeoverReason } from "../../src/lock/held-lock.ts";

/** A program; one that comes after it under the same pid is another. */
export interface ModelProcess {
  pid: number;
  state: "running" | "stopped" | "killed";
  /** The last lock that it took. */
  hold: ModelHold | undefined;
}

export interface ModelHold {
  by: ModelProcess;
  /** What the first release said. */
  end: "released" | "lost" | undefined;
}

/** A process group of two, its leader and a child of that one. */
export interface ModelCommand {
  pids: readonly [number, number];
  /** Who has run it; undefined for one that acts under its lock. */
  by: ModelHold | undefined;
  living: Set<number>;
}

export interface LockModel {
  /** The programs, three at a time. */
  processes: ModelProcess[];
  /** undefined: free. `unreadable`: somebody has put nonsense there. */
  lock: { hold: ModelHold; commands: ModelCommand[] } | "unreadable" | undefined;
  /** Of all times. */
  commands: ModelCommand[];
}

export interface Patience {
  /** Longer than it takes to see that a lock is silent; otherwise it is now or never. */
  waits: boolean;
  /** A living owner is made to lose, sooner than it could be found silent. */
  breaks: boolean;
}

/** The same for the lock: silent after 3 s, broken after 2 s, given up after 3.5 s or at once. */
export function lockWait({ waits, breaks }: Patience) {
  return {
    staleMs: minStaleMs,
    maxWaitMs: breaks ? minStaleMs - 1000 : undefined,
    timeoutMs: waits ? minStaleMs + 500 : 0,
  };
}

/** How it goes for one that tries alone. */
export function outcomeOf(
  { lock }: LockModel,
  { waits, breaks }: Patience,
): "busy" | "free" | TakeoverReason {
  if (lock === undefined) return "free";
  if (lock === "unreadable") return waits ? "unreadable" : "busy";
  const { state } = lock.hold.by;
  if (state === "killed" && !lock.commands.some(isLiving)) return "dead";
  if (!waits) return "busy";
  if (breaks) return "max-wait";
  // It beats.
  return state === "running" ? "busy" : "silent";
}

/** Something of it is left. */
export function isLiving({ living }: ModelCommand): boolean {
  return living.size > 0;
}

/** Whether it is this hold that stands. */
export function isCurrent({ lock }: LockModel, hold: ModelHold | undefined): hold is ModelHold {
  return typeof lock === "object" && lock.hold === hold;
}

/** It has got the lock: whatever ran under it before has ended. Its new hold. */
export function nowHeld(model: LockModel, by: ModelProcess): ModelHold {
  const before = typeof model.lock === "object" ? model.lock.commands : [];
  for (const command of before) command.living.clear();
  by.hold = { by, end: undefined };
  model.lock = { hold: by.hold, commands: [] };
  return by.hold;
}

/** Nobody has it, and three programs run. */
export function emptyModel(): LockModel {
  const processes = [101, 102, 103].map((pid) => ({
    pid,
    state: "running" as const,
    hold: undefined,
  }));
  return { processes, lock: undefined, commands: [] };
}
