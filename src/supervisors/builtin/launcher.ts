// Runs an agent's script, and runs it again as the restart policy says: each time under the agent's restart lock, until
// the agent is up or this try has failed.
import type { Context } from "../../context.ts";
import type { UnitEnd } from "../../domain/restart-policy.ts";
import { AppError, exitCodes } from "../../errors.ts";
import { forgetCrashes } from "../../fleet/crashes.ts";
import { type HeldLock, takenFromUs } from "../../lock/held-lock.ts";
import { lockAgent } from "../agent-lock.ts";
import { type AgentsOptions, type Managed, phaseOf } from "./managed.ts";
import { runScript } from "./script.ts";
import { createSlots } from "./slots.ts";
import type { Unit, UnitEvent } from "./unit.ts";

/** Starts at the same moment, until each is ready or waits. */
const startsAtOnce = 8;

/** Pause before every restart, on top of the script's own after a crash; RestartSec= of the units. */
const restartPauseMs = 100;

export interface Launch {
  /** By a person, who wants no pause for former crashes. */
  isFresh: boolean;
  /** The agent's restart lock, which is let go of in the end. */
  lock: HeldLock;
}

export interface LauncherOptions extends AgentsOptions {
  /** Brings the unit up to date; whether its script has to run. */
  apply: (managed: Managed, event: UnitEvent) => boolean;
}

/** The function that launches one; it resolves when its script has ended, and never rejects for a user's fault. */
export function createLauncher(
  ctx: Context,
  options: LauncherOptions,
): (managed: Managed, launch: Launch) => Promise<void> {
  const slots = createSlots(startsAtOnce);
  const { apply } = options;

  const launch = async (managed: Managed, { isFresh, lock }: Launch): Promise<void> => {
    const { unit } = managed;
    await options.serverReady();
    const release = await slots.take();
    try {
      if (isFresh) await forgetCrashes(ctx, unit.name);
      if (!isCurrent(managed, unit)) return;
      const { end, wasUp } = await runOnce(managed, { release, lock });
      // Its script was ended by who took the lock over, which is no end that it was meant to have.
      const isTaken = !wasUp && isCurrent(managed, unit) && !(await lock.check());
      if (isTaken) throw takenFromUs(unit.name);
      ended(managed, end);
    } catch (error) {
      cannotStart(managed, unit, error);
    } finally {
      release();
      await lock.letGo();
    }
  };

  const runOnce = async (
    managed: Managed,
    { release, lock }: { release: () => void; lock: HeldLock },
  ): Promise<{ end: UnitEnd; wasUp: boolean }> => {
    let wasUp = false;
    const run = runScript(ctx, {
      ...managed.unit,
      env: options.env,
      lock,
      onLine(line) {
        options.report(line);
        apply(managed, { kind: "line", line });
        if (phaseOf(managed) !== "starting") release();
        if (phaseOf(managed) !== "running") return false;
        if (!wasUp) void lock.letGo();
        return (wasUp = true);
      },
      onLate: (afterMs) => void apply(managed, { kind: "late", afterMs }),
    });
    managed.child = run.child;
    return { end: await run.ended, wasUp };
  };

  /** As if its script had said so and ended. */
  const cannotStart = (managed: Managed, unit: Unit, error: unknown): void => {
    if (!(error instanceof AppError)) throw error;
    if (!isCurrent(managed, unit)) return;
    apply(managed, { kind: "line", line: `mosaic: ${unit.name}: ${error.message}` });
    ended(managed, { exitCode: 1, signal: null });
  };

  const ended = (managed: Managed, end: UnitEnd): void => {
    managed.child = undefined;
    if (end.exitCode === exitCodes.busy) options.sessionLost();
    const again = apply(managed, { kind: "ended", end });
    const { name, phase, reason, restarts } = managed.unit;
    if (again) {
      options.report(`${name}: starts again (restart ${restarts})`);
      void relaunch(managed);
    } else if (phase !== "stopping") {
      options.report(`${name}: ${phase}: ${reason}`);
    }
  };

  const relaunch = async (managed: Managed): Promise<void> => {
    const { unit } = managed;
    await ctx.clock.sleep(restartPauseMs);
    if (!isCurrent(managed, unit)) return;
    try {
      const waiting = (why: string): void => void apply(managed, { kind: "waiting", why });
      const lock = await lockAgent(ctx, unit.name, { purpose: "automatic restart", waiting });
      if (isCurrent(managed, unit)) await launch(managed, { isFresh: false, lock });
      else await lock.letGo();
    } catch (error) {
      cannotStart(managed, unit, error);
    }
  };

  return launch;
}

/** A start that was overtaken by a stop, or by another start, does nothing. */
function isCurrent(managed: Managed, unit: Unit): boolean {
  const { phase, startsMs } = managed.unit;
  return (phase === "starting" || phase === "backoff") && startsMs === unit.startsMs;
}
