// The steps of the model test of the restart lock: whatever may happen to it, done to the model and to the real lock.
// Over 200 lines because the list of what may happen stands in one place.
import { expect } from "bun:test";
import * as fc from "fast-check";
import { acquireLock } from "../../src/lock/restart-lock.ts";
import {
  isCurrent,
  isLiving,
  type LockModel,
  type ModelCommand,
  type ModelProcess,
} from "./lock-model.ts";
import { lockName } from "./lock-run.ts";
import { type Scene, type Step, step } from "./lock-step.ts";

/** Of programs that come after others. */
let nextPid = 1000;

const runs = ({ state }: ModelProcess): boolean => state === "running";
const hasHold = (one: ModelProcess): boolean => runs(one) && one.hold !== undefined;
const lives = ({ state }: ModelProcess): boolean => state !== "killed";
const patience = fc.record({ waits: fc.boolean(), breaks: fc.boolean() });
/** What ends a command: some take no SIGTERM. */
const endsOn = fc.constantFrom<NodeJS.Signals>("SIGTERM", "SIGTERM", "SIGKILL");

const take = step("take", patience, {
  can: runs,
  does: ({ run, one }, how) => run.take(one, how),
});
const kill = step("kill", fc.constant(0), {
  can: lives,
  async does({ one, actor }) {
    one.state = "killed";
    actor.kill();
  },
});
const restartOne = step("restart", fc.boolean(), { can: (one) => !lives(one), does: restart });
const recordOne = step("record", endsOn, { can: hasHold, does: record });

/** All of them, for `fc.commands`; what leads to more comes more often. */
export const lockSteps: fc.Arbitrary<Step>[] = [
  take,
  take,
  take,
  take,
  recordOne,
  recordOne,
  recordOne,
  kill,
  kill,
  restartOne,
  restartOne,
  step("race", fc.boolean(), {
    can: runs,
    does: ({ run }, waits) => run.race({ waits, breaks: false }),
  }),
  step("release", fc.boolean(), { can: hasHold, does: release }),
  step("check", fc.constant(0), { can: runs, does: ({ run }) => run.expectOneHolder() }),
  step("nested", fc.record({ signal: endsOn, releases: fc.boolean() }), {
    can: ({ hold }, model) => isCurrent(model, hold),
    does: nested,
  }),
  step("stop", fc.constant(0), {
    can: runs,
    async does({ one, actor }) {
      one.state = "stopped";
      actor.stop();
    },
  }),
  step("continue", fc.constant(0), {
    can: ({ state }) => state === "stopped",
    async does({ one, actor }) {
      one.state = "running";
      actor.go();
    },
  }),
  step("end command", fc.record({ pick: fc.nat({ max: 9 }), isReaped: fc.boolean() }), {
    can: (_, { commands }) => commands.some(isLiving),
    does: endCommand,
  }),
  step("reuse pid", fc.constant(0), {
    can: (_, { commands }) => commands.some(isOver),
    does: reusePid,
  }),
  step("advance", fc.integer({ min: 1, max: 6_000 }), {
    can: () => true,
    does: ({ run }, ms) => run.world.clock.advance(ms),
  }),
  step("corrupt", fc.constantFrom("", "\0\0", "{"), {
    can: () => true,
    does: corrupt,
  }),
];

/** Its holder, when it runs, finds that it has lost, and ends what it has run under it. */
async function corrupt({ model, run, actor }: Scene, text: string): Promise<void> {
  const { lock } = model;
  run.world.replace(actor.ctx, lockName, text);
  model.lock = "unreadable";
  if (typeof lock !== "object") return;
  const { state } = lock.hold.by;
  const own = lock.commands.filter(({ by }) => by === lock.hold);
  if (state === "running") {
    expect(await run.world.until(run.held(lock.hold).check())).toBe(false);
    expect(own.flatMap(({ pids }) => pids).filter(run.world.isThere)).toEqual([]);
  }
  // Of a killed one nobody can know any more. What acts under the lock it may have seen or not.
  for (const command of lock.commands) {
    if (state !== "killed" || !own.includes(command)) command.living.clear();
  }
}

async function record({ model, run, hold }: Scene, signal: NodeJS.Signals): Promise<void> {
  if (hold === undefined) return;
  const held = run.held(hold);
  const pids = run.world.command(held.token, signal);
  if (isCurrent(model, hold)) {
    await run.world.until(held.gate(pids[0]));
    nowRuns(model, { pids, by: hold });
    return;
  }
  await run.busy(run.world.until(held.gate(pids[0])));
  // Behind the gate it ends without having run anything.
  for (const pid of pids) run.world.end(pid);
}

function nowRuns(model: LockModel, run: Pick<ModelCommand, "pids" | "by">): ModelCommand {
  const command: ModelCommand = { ...run, living: new Set(run.pids) };
  model.commands.push(command);
  if (typeof model.lock === "object") model.lock.commands.push(command);
  return command;
}

async function release({ model, run, actor, hold }: Scene, twice: boolean): Promise<void> {
  if (hold === undefined) return;
  const before = await run.world.text(actor.ctx, lockName);
  const isOurs = isCurrent(model, hold);
  hold.end ??= isOurs ? "released" : "lost";
  for (const _ of twice ? [1, 2] : [1]) {
    expect(await run.world.until(run.held(hold).release())).toBe(hold.end);
  }
  if (isOurs) model.lock = undefined;
  else expect(await run.world.text(actor.ctx, lockName)).toBe(before);
}

/** A program that was started under the lock takes it too and runs something under it, then gives it back or dies. */
async function nested(
  { model, run, hold }: Scene,
  { signal, releases }: { signal: NodeJS.Signals; releases: boolean },
): Promise<void> {
  if (hold === undefined) return;
  const { world } = run;
  const { token } = run.held(hold);
  const inner = world.actor(nextPid++, token);
  const options = { purpose: "nested", timeoutMs: 0 };
  const held = await world.until(acquireLock(inner.ctx, lockName, options));
  expect([held.isNested, held.token]).toEqual([true, token]);
  const pids = world.command(token, signal);
  await world.until(held.gate(pids[0]));
  const command = nowRuns(model, { pids, by: undefined });
  if (releases) {
    expect(await world.until(held.release())).toBe("released");
    // As with any release: what is left of it runs on and counts no more.
    if (typeof model.lock === "object") {
      model.lock.commands = model.lock.commands.filter((one) => one !== command);
    }
  }
  inner.kill();
}

/** Another program comes in its place, under the same pid or another one. */
async function restart({ model, run, one }: Scene, isSamePid: boolean): Promise<void> {
  const pid = isSamePid ? one.pid : nextPid++;
  const next: ModelProcess = { pid, state: "running", hold: undefined };
  model.processes[model.processes.indexOf(one)] = next;
  run.start(next);
}

/** One of the processes of a command ends; until its parent looks, it is a zombie. */
async function endCommand(
  { model, run }: Scene,
  { pick, isReaped }: { pick: number; isReaped: boolean },
): Promise<void> {
  const all = model.commands.flatMap((command) =>
    [...command.living].map((pid) => ({ pid, command })),
  );
  const chosen = all[pick % all.length];
  if (chosen === undefined) return;
  chosen.command.living.delete(chosen.pid);
  if (isReaped) run.world.end(chosen.pid);
  else run.world.zombie(chosen.pid);
}

/** The kernel gives the pid of an ended command to somebody who has nothing to do with us. */
async function reusePid({ model, run }: Scene): Promise<void> {
  const ended = model.commands.filter(isOver).flatMap(({ pids }) => pids[0]);
  const pid = ended.find(run.world.isFree);
  if (pid === undefined) return;
  run.strangers.add(pid);
  run.world.stranger(pid);
}

const isOver = (command: ModelCommand): boolean => !isLiving(command);
