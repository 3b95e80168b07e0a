// The agents of `mosaic fleet run`: one script (start-agent-session.sh NAME) per agent as our child, started again by
// the policy. What to do is decided in unit.ts; this file does it. One agent never waits for another's.
import type { Child, Context } from "../../context.ts";
import type { UnitEnd } from "../../domain/restart-policy.ts";
import type { Agent } from "../../domain/roster.ts";
import { AppError, exitCodes } from "../../errors.ts";
import { forgetCrashes } from "../../fleet/crashes.ts";
import type { AgentOutcome, SupervisedAgent } from "../supervisor.ts";
import { failureOf, outcome } from "./outcome.ts";
import { runScript } from "./script.ts";
import { createSlots } from "./slots.ts";
import { stopAgent } from "./stop-agent.ts";
import { newUnit, type Phase, step, supervised, type Unit, type UnitEvent } from "./unit.ts";

export interface AgentsOptions {
  /** The scripts' whole environment. */
  env: Readonly<Record<string, string>>;
  /** Resolves when the tmux server answers. */
  serverReady(): Promise<void>;
  /** An agent has lost its session: the server may be gone. */
  sessionLost(): void;
  report(line: string): void;
}

export interface StartOptions {
  /** By a person, who wants no pause for former crashes. */
  isFresh: boolean;
}

export interface Agents {
  /** Starts one, or joins a start that is under way. Resolves when it is ready, or when its first try has failed. */
  start(agent: Agent, options: StartOptions): Promise<AgentOutcome>;
  /** Also for an agent that we do not supervise. `isHurried` leaves its processes no time. */
  stop(name: string, options?: { isHurried: boolean }): Promise<AgentOutcome>;
  restart(agent: Agent): Promise<AgentOutcome>;
  states(): SupervisedAgent[];
  /** Resolves at the next change of any agent. */
  changed(): Promise<void>;
  /** Ends our scripts and leaves the agents alive. */
  detach(): Promise<void>;
}

/** Starts at the same moment, until each is ready or waits. */
const startsAtOnce = 8;

/** Pause before every restart, on top of the script's own after a crash; RestartSec= of the units. */
const restartPauseMs = 100;

interface Managed {
  unit: Unit;
  child: Child | undefined;
  /** Under way; a start waits for it. */
  stop: Promise<AgentOutcome> | undefined;
}

/** A call and no field, because it may be another one after each await. */
function phaseOf(managed: Managed): Phase {
  return managed.unit.phase;
}

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

  /** A start that was overtaken by a stop, or by another start, does nothing. */
  const isCurrent = (managed: Managed, unit: Unit): boolean =>
    managed.unit.phase === "starting" && managed.unit.startsMs === unit.startsMs;

  const launch = async (managed: Managed): Promise<void> => {
    const { unit } = managed;
    await options.serverReady();
    const release = await slots.take();
    if (!isCurrent(managed, unit)) return release();
    try {
      ended(managed, await runOnce(managed, release));
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
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
    if (isCurrent(managed, unit)) await launch(managed);
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
    if (phaseOf(managed) === "running") return outcome(agent.name, "already-running", 0);
    // Nobody who asks for a start wants to wait for a pause to end.
    if (phaseOf(managed) === "backoff") await stop(agent.name);
    if (phaseOf(managed) !== "starting") {
      apply(managed, { kind: "start", policy: agent.restart });
      if (isFresh) await forgetCrashes(ctx, agent.name);
      void launch(managed);
    }
    const { restarts } = managed.unit;
    while (phaseOf(managed) === "starting" && managed.unit.restarts === restarts) {
      await change.promise;
    }
    const tookMs = ctx.clock.now() - beganMs;
    if (phaseOf(managed) === "running") return outcome(agent.name, "started", tookMs);
    return await failureOf(ctx, { unit: managed.unit, beganMs });
  };

  const stop: Agents["stop"] = async (name, { isHurried } = { isHurried: false }) => {
    const managed = all.get(name);
    const { env } = options;
    if (managed === undefined) return await stopAgent(ctx, { name, env, isHurried, wasUp: true });
    if (managed.stop !== undefined) {
      if (isHurried) await stopAgent(ctx, { name, env, isHurried, wasUp: true });
      return await managed.stop;
    }
    const phase = phaseOf(managed);
    if (phase === "stopped") return outcome(name, "already-stopped", 0);
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
      return outcome(agent.name, "restarted", ctx.clock.now() - beganMs);
    },
    async detach() {
      const children = [...all.values()].flatMap(({ child }) => child ?? []);
      // From here on an end of a script is no end of its agent.
      for (const managed of all.values()) apply(managed, { kind: "stop" });
      for (const child of children) child.kill("SIGTERM");
      await Promise.all(children.map((child) => child.exited));
    },
  };
}
