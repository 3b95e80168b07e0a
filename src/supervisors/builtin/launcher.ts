// Runs an agent's script, and runs it again as the restart policy says: each time under the agent's restart lock, until
// the agent is up or this try has failed.
import type { Context } from "../../context.ts";
import type { UnitEnd } from "../../domain/restart-policy.ts";
import { AppError, exitCodes } from "../../errors.ts";
import { forgetCrashes } from "../../fleet/crashes.ts";
import { type HeldLock, takenFromUs } from "../../lock/held-lock.ts";
import { lockAgent } from "../agent-lock.ts";
import { livesUnsupervised } from "../stop-agent.ts";
import { type AgentsOptions, type Managed, phaseOf } from "./managed.ts";
import { countRestarts } from "./restart-count.ts";
import { runScript } from "./script.ts";
import { createSlots } from "./slots.ts";
import type { Unit, UnitEvent } from "./unit.ts";

/** Starts at the same moment, until each is ready or waits. */
const startsAtOnce = 8;

/** Pause before every restart, on top of the script's own after a crash; RestartSec= of the units. */
const restartPauseMs = 100;

/** A lock that cannot be waited for now, because its registry is kept, is asked for again after this long. */
const lockPauseMs = 1000;

/** How often a lock that we cannot let go of (a full disk) is tried; after that others find it silent. */
const releaseTries = 20;

export interface Launch {
  /** By a person, who wants no pause for former crashes. */
  isFresh: boolean;
  /** For the agent's restart lock, such as `fleet start`. */
  purpose: string;
  /** Of whoever asks, when that one runs under the lock itself. */
  token?: string | undefined;
  /** The lock, where it is held already. It is let go of in the end. */
  lock?: HeldLock;
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

  const launch = async (managed: Managed, how: Launch): Promise<void> => {
    const { unit } = managed;
    let { lock } = how;
    let release: (() => void) | undefined;
    try {
      await options.serverReady();
      lock ??= await lockFor(managed, how);
      if (!isCurrent(managed, unit)) return;
      release = await slots.take();
      if (how.isFresh) await forgetCrashes(ctx, unit.name);
      if (!isCurrent(managed, unit)) return;
      const { end, wasUp } = await runOnce(managed, { release, lock });
      // Its script was ended by who took the lock over, which is no end that it was meant to have.
      const isDone = wasUp || lock === undefined || lock.isNested || !isCurrent(managed, unit);
      if (!isDone && !(await lock?.check())) throw takenFromUs(unit.name);
      ended(managed, end);
    } catch (error) {
      cannotStart(managed, unit, error);
    } finally {
      release?.();
      await letGo(lock);
    }
  };

  /**
   * Waits for the lock as long as this start is wanted. undefined when it is not, when the agent lives and is only taken
   * over, which starts nothing, and when the disk lets nobody lock: an agent that is down is worse.
   */
  const lockFor = async (
    managed: Managed,
    { isFresh, purpose, token }: Launch,
  ): Promise<HeldLock | undefined> => {
    const { name } = managed.unit;
    if (!isFresh && (await livesUnsupervised(ctx, options.socket, name))) return undefined;
    const wait = new AbortController();
    managed.wait = wait;
    const waiting = (why: string): void => {
      if (managed.wait === wait) apply(managed, { kind: "waiting", why });
    };
    try {
      while (!wait.signal.aborted) {
        try {
          return await lockAgent(ctx, name, { purpose, token, signal: wait.signal, waiting });
        } catch (error) {
          if (!(error instanceof AppError)) throw error;
          if (error.exitCode === exitCodes.interrupted) return undefined;
          if (error.exitCode !== exitCodes.busy) {
            options.report(`${name}: starts without its restart lock: ${error.message}`);
            return undefined;
          }
          waiting(error.message);
          await ctx.clock.sleep(lockPauseMs, wait.signal);
        }
      }
      return undefined;
    } finally {
      if (managed.wait === wait) managed.wait = undefined;
    }
  };

  const runOnce = async (
    managed: Managed,
    { release, lock }: { release: () => void; lock: HeldLock | undefined },
  ): Promise<{ end: UnitEnd; wasUp: boolean }> => {
    let wasUp = false;
    const run = runScript(ctx, {
      ...managed.unit,
      env: envOf(managed, options),
      lock,
      onLine(line) {
        options.report(line);
        apply(managed, { kind: "line", line });
        if (phaseOf(managed) !== "starting") release();
        if (phaseOf(managed) !== "running") return false;
        if (!wasUp) {
          void letGo(lock);
          void countRestarts(ctx, managed, options);
        }
        return (wasUp = true);
      },
      onLate: (afterMs) => void apply(managed, { kind: "late", afterMs }),
    });
    managed.child = run.child;
    return { end: await run.ended, wasUp };
  };

  const letGo = async (lock: HeldLock | undefined): Promise<void> => {
    if (lock === undefined) return;
    for (let left = releaseTries; left > 0; left--) {
      try {
        await lock.release();
        return;
      } catch (error) {
        if (!(error instanceof AppError)) throw error;
        options.report(`${lock.name}: cannot let go of its restart lock: ${error.message}`);
      }
      await ctx.clock.sleep(lockPauseMs);
    }
  };

  /** As if its script had said so and ended. */
  const cannotStart = (managed: Managed, unit: Unit, error: unknown): void => {
    if (!(error instanceof AppError)) throw error;
    if (!isCurrent(managed, unit)) {
      managed.child = undefined;
      return;
    }
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
    if (isCurrent(managed, unit)) {
      await launch(managed, { isFresh: false, purpose: "automatic restart" });
    }
  };

  return launch;
}

function envOf({ searchPath }: Managed, { env }: LauncherOptions): Record<string, string> {
  return searchPath === undefined ? env : { ...env, PATH: searchPath };
}

/** A start that was overtaken by a stop, or by another start, does nothing. */
function isCurrent(managed: Managed, unit: Unit): boolean {
  const { phase, startsMs } = managed.unit;
  return (phase === "starting" || phase === "backoff") && startsMs === unit.startsMs;
}
