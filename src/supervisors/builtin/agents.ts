// The agents of `mosaic fleet run`: started, stopped and restarted as they are asked for, each under its restart lock. What
// to do is decided in unit.ts; launcher.ts runs the scripts. One agent never waits for another's.
import type { Context } from "../../context.ts";
import type { Agent } from "../../domain/roster.ts";
import { detachAgent } from "./detach.ts";
import { type Agents, type AgentsOptions, type Managed, phaseOf } from "./managed.ts";
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
import { newUnit, step, supervised, type UnitEvent } from "./unit.ts";

/** Of a start or restart that somebody asked for and waits for. */
const asked = { timeoutMs: restartPatienceMs };

/** No agent yet; their scripts run as soon as they are started. */
export function superviseAgents(ctx: Context, options: AgentsOptions): Agents {
  const all = new Map<string, Managed>();
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
    const fresh = { child: undefined, stop: undefined, stops: 0 };
    const managed = Object.assign(all.get(name) ?? fresh, { unit });
    all.set(name, managed);
    return managed;
  };

  const start: Agents["start"] = async (agent, { isFresh, token }) => {
    const beganMs = ctx.clock.now();
    const managed = get(agent);
    while (managed.stop !== undefined) await managed.stop;
    if (phaseOf(managed) === "running") return outcome(agent.name, { result: "already-running" });
    // Nobody who asks for a start wants to wait for a pause to end.
    if (phaseOf(managed) === "backoff") await stop(agent.name);
    if (isDown(managed)) {
      const { stops } = managed;
      const lock = await lockAgent(ctx, agent.name, { ...asked, purpose: "fleet start", token });
      const isOvertaken = managed.stops !== stops;
      if (isDown(managed) && !isOvertaken) begin(managed, { agent, isFresh, lock });
      else await lock.letGo();
      // A stop that came while we waited is what was asked for last.
      if (isDown(managed)) {
        const tookMs = ctx.clock.now() - beganMs;
        return failed(agent.name, { reason: "stopped while it waited for its lock", tookMs });
      }
    }
    return await untilUp(managed, beganMs);
  };

  const begin = (managed: Managed, { agent, ...how }: Launch & { agent: Agent }): void => {
    apply(managed, { kind: "start", policy: agent.restart });
    void launch(managed, how);
  };

  /** Ready, or the first try has failed. */
  const untilUp = async (managed: Managed, beganMs: number): Promise<AgentOutcome> => {
    const { name, restarts } = managed.unit;
    while (phaseOf(managed) === "starting" && managed.unit.restarts === restarts) {
      await change.promise;
    }
    const tookMs = ctx.clock.now() - beganMs;
    if (phaseOf(managed) === "running") return outcome(name, { result: "started", tookMs });
    return await failureOf(ctx, { unit: managed.unit, beganMs });
  };

  const restart: Agents["restart"] = async (agent, { token } = {}) => {
    const { name } = agent;
    const beganMs = ctx.clock.now();
    const before = await instanceOf(ctx, name);
    // Not get: what nobody supervises yet is stopped in another way.
    const known = all.get(name);
    if (known !== undefined && phaseOf(known) === "backoff") await stop(name);
    const lock = await lockAgent(ctx, name, { ...asked, purpose: "fleet restart", token });
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
    begin(managed, { agent, isFresh: true, lock });
    const started = await untilUp(managed, beganMs);
    return started.result === "started" ? { ...started, result: "restarted" } : started;
  };

  const stop: Agents["stop"] = async (name, { isHurried } = { isHurried: false }) => {
    const managed = all.get(name);
    const { env, socket } = options;
    if (managed !== undefined) managed.stops++;
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
    start: (agent, how) => orBusy(agent.name, () => start(agent, how)),
    restart: (agent, how) => orBusy(agent.name, () => restart(agent, how)),
    stop,
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

/** Nothing is under way with it. */
function isDown(managed: Managed): boolean {
  const phase = phaseOf(managed);
  return phase === "stopped" || phase === "failed";
}
