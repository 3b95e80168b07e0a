// `mosaic agent wait NAME --for idle|waiting|dead`: until an agent is in that state.
import type { Context } from "../context.ts";
import { AppError, exitCodes } from "../errors.ts";
import { loadRoster, pickAgents } from "../fleet/load-roster.ts";
import { runtimes } from "../domain/runtimes.ts";
import { expireOld, queueLength, typedBetween } from "../store/messages.ts";
import { findStore } from "../store/store.ts";
import { lookAtActivity } from "./activity.ts";
import { reportMs } from "./queue.ts";

export const waitedFor = ["idle", "working", "waiting", "dead"] as const;

export interface WaitOptions {
  name: string;
  state: (typeof waitedFor)[number];
  timeoutMs: number;
}

const firstPauseMs = 100;
const longestPauseMs = 1_000;

/**
 * Exit 0 when it is so; an agent is idle once nothing waits in its queue either, and nothing is on its way to it. Throws AppError: exit 3 when it is dead
 * instead, 75 at the timeout.
 */
export async function waitCommand(ctx: Context, options: WaitOptions): Promise<number> {
  const { name, state, timeoutMs } = options;
  const roster = await loadRoster(ctx);
  const { socket } = roster;
  const [agent] = pickAgents(roster, [name]);
  if (agent === undefined) throw new Error("one agent was named, and none picked");
  const beganAt = ctx.clock.monotonic();
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(pauseMs * 1.2, longestPauseMs)) {
    const seen = await lookAtActivity(ctx, { socket, agent });
    const now = seen === undefined ? "dead" : seen.judged?.activity;
    const left = now === state && state === "idle" ? await undelivered(ctx, name) : 0;
    if (now === state && left === 0) {
      ctx.io.out(`${name} is ${state}\n`);
      return exitCodes.ok;
    }
    if (now === "dead") throw notAny(name, { state, exitCode: exitCodes.notRunning });
    const tells = runtimes[agent.runtime].reports;
    if (now === undefined && state !== "dead" && !tells) throw untold(name);
    if (ctx.clock.monotonic() - beganAt >= timeoutMs) {
      const what = left === 0 ? (now ?? "running") : `${now}, and ${left} of its messages wait`;
      const look = left === 0 ? `status ${name} --explain` : `messages ${name}`;
      throw new AppError(`${name} is not ${state} in time: it is ${what}`, {
        exitCode: exitCodes.busy,
        hint: `mosaic agent ${look}`,
      });
    }
    await ctx.clock.sleep(pauseMs);
  }
}

/** What waits for it, or was typed just now and is not reported yet: the agent works at it next. */
async function undelivered(ctx: Context, agent: string): Promise<number> {
  using store = await findStore(ctx);
  if (store === undefined) return 0;
  const now = ctx.clock.now();
  expireOld(store, agent, now);
  const isOnItsWay = typedBetween(store, agent, { since: now - reportMs, now });
  return queueLength(store, agent) + Number(isOnItsWay);
}

function notAny(name: string, { state, exitCode }: { state: string; exitCode: number }): AppError {
  return new AppError(`${name} does not run, so it will not be ${state}`, {
    exitCode,
    hint: `mosaic fleet start ${name}\nmosaic agent why ${name}`,
  });
}

function untold(name: string): AppError {
  return new AppError(`nothing tells what ${name} does: its runtime does not report`, {
    exitCode: exitCodes.usage,
    hint: `mosaic agent wait ${name} --for dead`,
  });
}
