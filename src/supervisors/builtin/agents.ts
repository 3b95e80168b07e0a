// The agents of `mosaic fleet run`: one script (start-agent-session.sh NAME) per agent as our child, started again by
// the policy. What to do is decided in unit.ts; this file does it. One agent never waits for another's.
import type { Context } from "../../context.ts";
import type { UnitEnd } from "../../domain/restart-policy.ts";
import type { Agent } from "../../domain/roster.ts";
import { AppError, exitCodes } from "../../errors.ts";
import { forgetCrashes } from "../../fleet/crashes.ts";
import { detachAgent } from "./detach.ts";
import {
  type Agents,
  type AgentsOptions,
  type Managed,
  phaseOf,
  type StartOptions,
} from "./managed.ts";
import { outcome } from "../outcome.ts";
import { failureOf } from "./failure.ts";
import { runScript } from "./script.ts";
import { createSlots } from "./slots.ts";
import { livesUnsupervised, stopAgent } from "../stop-agent.ts";
import { newUnit, step, supervised, type Unit, type UnitEvent } from "./unit.ts";

/** Starts at the same moment, until each is ready or waits. */
const startsAtOnce = 8;

/** Pause before every restart, on top of the script's own after a crash; RestartSec= of the units. */
const restartPauseMs = 100;

/** No agent yet; their scripts run as soon as they are started. */
export function superviseAgents(ctx: Context, options: AgentsOptions): Agents {
  const all = new Map<string, Managed>();
  const slots = createSlots(startsAtOnce);
  let change = Promise.withResolvers<void>();

  const apply = (managed: Managed, event: UnitEvent): boolean => {
    const { unit, spawn } = step(managed.unit, event, ctx.clock.now());
    managed.unit = unit;
    const told = change;
    change = Promise.withResolvers();
    told.resolve();
    return spawn;
  };

  const launch = async (managed: Managed, { isFresh }: StartOptions): Promise<void> => {
    const { unit } = managed;
    await options.serverReady();
    const release = await slots.take();
    try {
      if (isFresh) await forgetCrashes(ctx, unit.name);
      if (isCurrent(managed, unit)) ended(managed, await runOnce(managed, release));
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      if (!isCurrent(managed, unit)) return;
      apply(managed, { kind: "line", line: `mosaic: ${unit.name}: ${error.message}` });
      ended(managed, { exitCode: 1, signal: null });
    } finally {
      release();
    }
  };

  const runOnce = async (managed: Managed, release: () => void): Promise<UnitEnd> => {
    const run = runScript(ctx, {
      ...managed.unit,
      env: options.env,
      onLine(line) {
        options.report(line);
        apply(managed, { kind: "line", line });
        if (phaseOf(managed) !== "starting") release();
        return phaseOf(managed) === "running";
      },
      onLate: (afterMs) => void apply(managed, { kind: "late", afterMs }),
    });
    managed.child = run.child;
    return await run.ended;
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
    if (isCurrent(managed, unit)) await launch(managed, { isFresh: false });
  };

  /** Also brings the policy up to date: the roster may have changed since the last start. */
  const get = ({ name, restart }: Agent): Managed => {
    const unit = { ...(all.get(name)?.unit ?? newUnit(name, restart)), policy: restart };
    const managed = Object.assign(all.get(name) ?? { child: undefined, stop: undefined }, { unit });
    all.set(name, managed);
    return managed;
  };

  const start: Agents["start"] = async (agent, { isFresh }) => {
    const beganMs = ctx.clock.now();
    const managed = get(agent);
    while (managed.stop !== undefined) await managed.stop;
    if (phaseOf(managed) === "running") return outcome(agent.name, { result: "already-running" });
    // Nobody who asks for a start wants to wait for a pause to end.
    if (phaseOf(managed) === "backoff") await stop(agent.name);
    if (phaseOf(managed) !== "starting") {
      apply(managed, { kind: "start", policy: agent.restart });
      void launch(managed, { isFresh });
    }
    const { restarts } = managed.unit;
    while (phaseOf(managed) === "starting" && managed.unit.restarts === restarts) {
      await change.promise;
    }
    const tookMs = ctx.clock.now() - beganMs;
    if (phaseOf(managed) === "running") return outcome(agent.name, { result: "started", tookMs });
    return await failureOf(ctx, { unit: managed.unit, beganMs });
  };

  const stop: Agents["stop"] = async (name, { isHurried } = { isHurried: false }) => {
    const managed = all.get(name);
    const { env, socket } = options;
    if (managed === undefined) {
      const wasUp = await livesUnsupervised(ctx, socket, name);
      return await stopAgent(ctx, { name, env, isHurried, wasUp });
    }
    if (managed.stop !== undefined) {
      if (isHurried) await stopAgent(ctx, { name, env, isHurried, wasUp: true });
      return await managed.stop;
    }
    const phase = phaseOf(managed);
    if (phase === "stopped") return outcome(name, { result: "already-stopped" });
    apply(managed, { kind: "stop" });
    const was = { wasUp: phase !== "failed", isReady: phase === "running" };
    managed.stop = stopAgent(ctx, { name, env, isHurried, ...was, child: managed.child });
    const result = await managed.stop;
    managed.stop = undefined;
    apply(managed, { kind: "stopped" });
    return result;
  };

  return {
    start,
    stop,
    states: () => [...all.values()].map(({ unit }) => supervised(unit)),
    changed: () => change.promise,
    async restart(agent) {
      const beganMs = ctx.clock.now();
      const stopped = await stop(agent.name);
      if (stopped.result === "failed") return stopped;
      const started = await start(agent, { isFresh: true });
      if (started.result === "failed") return started;
      return outcome(agent.name, { result: "restarted", tookMs: ctx.clock.now() - beganMs });
    },
    async detach() {
      const left = [...all.values()].map(async (managed) => {
        const detached = () => void apply(managed, { kind: "stop" });
        const isWaiting = await detachAgent(ctx, managed, {
          detached,
          changed: () => change.promise,
        });
        return isWaiting ? [managed.unit.name] : [];
      });
      return (await Promise.all(left)).flat();
    },
  };
}

/** A start that was overtaken by a stop, or by another start, does nothing. */
function isCurrent(managed: Managed, unit: Unit): boolean {
  return managed.unit.phase === "starting" && managed.unit.startsMs === unit.startsMs;
}
