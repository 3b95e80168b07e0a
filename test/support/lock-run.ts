// One run of the model test of the restart lock: the model, and beside it the real lock with the programs that want it.
import { expect } from "bun:test";
import { parseLock } from "../../src/domain/lock-record.ts";
import { lockFiles } from "../../src/domain/names.ts";
import type { HeldLock } from "../../src/lock/held-lock.ts";
import { acquireLock } from "../../src/lock/restart-lock.ts";
import { type Actor, lockWorld } from "./lock-actors.ts";
import {
  isCurrent,
  type LockModel,
  lockWait,
  type ModelHold,
  type ModelProcess,
  nowHeld,
  outcomeOf,
  type Patience,
} from "./lock-model.ts";

export const lockName = "lead";

export type LockRun = ReturnType<typeof lockRun>;

/** The programs of the model, started; `using run = lockRun(model)`. */
export function lockRun(model: LockModel) {
  const world = lockWorld();
  const actors = new Map<ModelProcess, Actor>();
  const holds = new Map<ModelHold, HeldLock>();
  /** Processes that have got the pid of an ended command, and must never be signalled. */
  const strangers = new Set<number>();
  const start = (one: ModelProcess): void => void actors.set(one, world.actor(one.pid));
  for (const one of model.processes) start(one);

  const acquire = (one: ModelProcess, patience: Patience): Promise<HeldLock> =>
    acquireLock(of(actors, one).ctx, lockName, { purpose: "a run", ...lockWait(patience) });

  const won = (one: ModelProcess, held: HeldLock): void => {
    const commands = typeof model.lock === "object" ? model.lock.commands : [];
    // Nothing of the one before runs when the next one has it.
    const left = commands.flatMap(({ pids }) => pids).filter(world.isThere);
    expect(left.filter((pid) => !strangers.has(pid))).toEqual([]);
    holds.set(nowHeld(model, one), held);
  };

  return {
    world,
    actors,
    holds,
    strangers,
    start,
    actor: (one: ModelProcess): Actor => of(actors, one),
    held: (hold: ModelHold): HeldLock => of(holds, hold),

    /** One tries alone, and it goes as foretold. */
    async take(one: ModelProcess, patience: Patience): Promise<void> {
      const outcome = outcomeOf(model, patience);
      const work = acquire(one, patience);
      if (outcome === "busy") return await expectBusy(world.until(work));
      const held = await world.until(work);
      expect(held.takeover?.reason ?? "free").toBe(outcome);
      won(one, held);
    },

    /** All that run try at the same moment: one gets it when it can be had at all, and nobody else. */
    async race(patience: Patience): Promise<void> {
      const outcome = outcomeOf(model, patience);
      const racers = model.processes.filter(({ state }) => state === "running");
      const tries = racers.map((one) => acquire(one, patience));
      const results = await world.until(Promise.allSettled(tries));
      const winners = results.flatMap((result, index) => {
        const one = racers[index];
        return result.status === "fulfilled" && one ? [{ one, held: result.value }] : [];
      });
      expect(winners.length).toBe(outcome === "busy" || racers.length === 0 ? 0 : 1);
      for (const { one, held } of winners) won(one, held);
    },

    /** One of `until`'s, which the lock refuses. */
    busy: expectBusy,

    /** The file says what the model says, nothing else lies beside it, and nothing was ended that nobody had to end. */
    async expectAsTold(): Promise<void> {
      const ctx = of(actors, model.processes[0]).ctx;
      const text = await world.text(ctx, lockName);
      const content = text === undefined ? undefined : parseLock(text);
      const token = content?.kind === "record" ? content.record.token : content?.kind;
      const { lock } = model;
      expect(token).toBe(typeof lock === "object" ? of(holds, lock.hold).token : lock);
      const left = await ctx.files.list(lockFiles(ctx.paths).dir);
      expect(left).toEqual(lock === undefined ? [] : [`${lockName}.lock`]);
      const living = model.commands.flatMap((command) => [...command.living]);
      expect(living.filter((pid) => !world.isThere(pid))).toEqual([]);
    },

    /** Everybody who can looks whether it is theirs, and one finds so at most. */
    async expectOneHolder(): Promise<void> {
      const found: ModelHold[] = [];
      const canLook = [...holds].filter(([{ by }]) => by.state === "running");
      for (const [hold, held] of canLook) {
        if (await world.until(held.check())) found.push(hold);
      }
      expect(found).toEqual(canLook.map(([hold]) => hold).filter((hold) => isCurrent(model, hold)));
      expect(found.length).toBeLessThanOrEqual(1);
    },

    [Symbol.dispose]: () => world[Symbol.dispose](),
  };
}

async function expectBusy(work: Promise<unknown>): Promise<void> {
  const end = await work.then(
    () => "not refused",
    (error: unknown) => error,
  );
  expect(end).toMatchObject({ name: "AppError", exitCode: 75 });
}

function of<K, V>(map: ReadonlyMap<K, V>, key: K | undefined): V {
  const value = key === undefined ? undefined : map.get(key);
  if (value === undefined) throw new Error("the run knows nothing of what the model names");
  return value;
}
