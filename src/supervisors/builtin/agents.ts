// The agents of `mosaic fleet run`: started, stopped and restarted as they are asked for, each under its restart lock. What
// to do is decided in unit.ts; launcher.ts runs the scripts. One agent never waits for another's.
import type { Context } from "../../context.ts";
import type { Agent } from "../../domain/roster.ts";
import { detachAgent } from "./detach.ts";
import {
  type Agents,
  type AgentsOptions,
  type Managed,
  phaseOf,
  type StartOptions,
} from "./managed.ts";
import {
  instanceOf,
  isRestartedSince,
  lockAgent,
  orBusy,
  restartPatienceMs,
} from "../agent-lock.ts";
import { failed, outcome } from "../outcome.ts";
import type { AgentOutcome } from "../supervisor.ts";
import { failureOf } from "./failure.ts";
import { createLauncher, type Launch } from "./launcher.ts";
import { livesUnsupervised, stopAgent } from "../stop-agent.ts";
import { newUnit, step, supervised, type Unit, type UnitEvent } from "./unit.ts";

/** Of a start or restart that somebody asked for and waits for. */
const asked = { timeoutMs: restartPatienceMs };

/** No agent yet; their scripts run as soon as they are started. */
export function superviseAgents(ctx: Context, options: AgentsOptions): Agents {
  const all = new Map<string, Managed>();
  /** How often each was to be stopped, so that a restart that waited knows what was asked for last. */
  const stops = new Map<string, number>();
  let change = Promise.withResolvers<void>();

  const apply = (managed: Managed, event: UnitEvent): boolean => {
    const { unit, spawn } = step(managed.unit, event, ctx.clock.now());
    managed.unit = unit;
    const told = change;
    change = Promise.withResolvers();
    told.resolve();
    return spawn;
  };

  const launch = createLauncher(ctx, { ...options, apply });

  /** Also brings the policy up to date: the roster may have changed since the last start. */
  const get = ({ name, restart }: Agent): Managed => {
    const unit = { ...(all.get(name)?.unit ?? newUnit(name, restart)), policy: restart };
    const fresh = { searchPath: undefined, child: undefined, stop: undefined, wait: undefined };
    const managed = Object.assign(all.get(name) ?? fresh, { unit });
    all.set(name, managed);
    return managed;
  };

  const start: Agents["start"] = async (agent, { isFresh, token, searchPath }) => {
    const beganMs = ctx.clock.now();
    const managed = get(agent);
    while (managed.stop !== undefined) await managed.stop;
    if (phaseOf(managed) === "running") return outcome(agent.name, { result: "already-running" });
    // Nobody who asks for a start wants to wait for a pause to end.
    if (phaseOf(managed) === "backoff") await stop(agent.name);
    // A start that waits for the lock would wait for ever for whoever asks under that very lock.
    const isOvertaking = managed.wait !== undefined && token !== undefined;
    if (isDown(managed) || isOvertaking) {
      begin(managed, { agent, isFresh, purpose: "fleet start", token, searchPath });
    }
    return await untilUp(managed, beganMs);
  };

  const begin = (
    managed: Managed,
    { agent, searchPath, ...how }: Launch & Pick<StartOptions, "searchPath"> & { agent: Agent },
  ): void => {
    managed.wait?.abort();
    managed.searchPath = searchPath ?? managed.searchPath;
    apply(managed, { kind: "start", policy: agent.restart });
    void launch(managed, how);
  };

  /** Ready, or the first try has failed, or others have kept its lock for longer than anybody waits. */
  const untilUp = async (managed: Managed, beganMs: number): Promise<AgentOutcome> => {
    const { name, restarts } = managed.unit;
    const patience = ctx.clock.sleep(restartPatienceMs).then(() => true);
    while (phaseOf(managed) === "starting" && managed.unit.restarts === restarts) {
      const isLate = await Promise.race([change.promise.then(() => false), patience]);
      if (isLate && managed.wait !== undefined) return busyOutcome(managed.unit);
      if (isLate) await change.promise;
    }
    const tookMs = ctx.clock.now() - beganMs;
    if (phaseOf(managed) === "running") {
      // Taken over alive, as after a supervisor that was killed: nothing was started.
      if (managed.unit.isAdopted) return outcome(name, { result: "already-running" });
      return outcome(name, { result: "started", tookMs });
    }
    return await failureOf(ctx, { unit: managed.unit, beganMs });
  };

  const restart: Agents["restart"] = async (agent, { token, searchPath } = {}) => {
    const { name } = agent;
    const beganMs = ctx.clock.now();
    const before = await instanceOf(ctx, name);
    // Not get: what nobody supervises yet is stopped in another way.
    const known = all.get(name);
    if (known !== undefined && phaseOf(known) === "backoff") await stop(name);
    const stopsBefore = stops.get(name);
    const lock = await lockAgent(ctx, name, { ...asked, purpose: "fleet restart", token });
    if (stops.get(name) !== stopsBefore) {
      await lock.letGo();
      const tookMs = ctx.clock.now() - beganMs;
      return failed(name, { reason: "stopped while it waited for its lock", tookMs });
    }
    const isAgain = await isRestartedSince(ctx, { agent: name, before });
    const now = all.get(name);
    if (isAgain && now !== undefined && phaseOf(now) === "running") {
      await lock.letGo();
      return outcome(name, { result: "already-restarted", tookMs: ctx.clock.now() - beganMs });
    }
    const stopped = await stop(name);
    if (stopped.result === "failed") {
      await lock.letGo();
      return stopped;
    }
    const managed = get(agent);
    begin(managed, { agent, isFresh: true, purpose: "fleet restart", lock, searchPath });
    const started = await untilUp(managed, beganMs);
    return started.result === "started" ? { ...started, result: "restarted" } : started;
  };

  const stop: Agents["stop"] = async (name, { isHurried } = { isHurried: false }) => {
    const managed = all.get(name);
    const { env, socket } = options;
    managed?.wait?.abort();
    if (managed === undefined || (phaseOf(managed) === "stopped" && managed.stop === undefined)) {
      const wasUp = await livesUnsupervised(ctx, socket, name);
      return await stopAgent(ctx, { name, env, isHurried, wasUp });
    }
    if (managed.stop !== undefined) {
      if (isHurried) await stopAgent(ctx, { name, env, isHurried, wasUp: true });
      return await managed.stop;
    }
    const phase = phaseOf(managed);
    apply(managed, { kind: "stop" });
    const was = { wasUp: phase !== "failed", isReady: phase === "running" };
    managed.stop = stopAgent(ctx, { name, env, isHurried, ...was, child: managed.child });
    try {
      return await managed.stop;
    } finally {
      managed.stop = undefined;
      apply(managed, { kind: "stopped" });
    }
  };

  return {
    start: (agent, how) => orBusy(agent.name, () => start(agent, how)),
    restart: (agent, how) => orBusy(agent.name, () => restart(agent, how)),
    stop: (name, how) => {
      stops.set(name, (stops.get(name) ?? 0) + 1);
      return stop(name, how);
    },
    states: () => [...all.values()].map(({ unit }) => supervised(unit)),
    changed: () => change.promise,
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

/** The start goes on to wait; whoever asked for it does not. */
function busyOutcome({ name, reason }: Unit): AgentOutcome {
  const hint = "mosaic lock status";
  const words = `${reason}; it starts when that is free`;
  return { name, result: "failed", reason: words, hint, tookMs: restartPatienceMs };
}

/** Nothing is under way with it. */
function isDown(managed: Managed): boolean {
  const phase = phaseOf(managed);
  return phase === "stopped" || phase === "failed";
}
