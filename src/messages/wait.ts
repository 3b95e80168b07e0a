// `mosaic agent wait NAME --for idle|waiting|dead`: until an agent is in that state.
import type { Context } from "../context.ts";
import { AppError, exitCodes } from "../errors.ts";
import { loadRoster, pickAgents } from "../fleet/load-roster.ts";
import { runtimes } from "../domain/runtimes.ts";
import { lookAtActivity } from "./activity.ts";

export const waitedFor = ["idle", "working", "waiting", "dead"] as const;

export interface WaitOptions {
  name: string;
  state: (typeof waitedFor)[number];
  timeoutMs: number;
}

const firstPauseMs = 100;
const longestPauseMs = 1_000;

/** Exit 0 when it is so. Throws AppError: exit 3 when it is dead instead, 75 at the timeout. */
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
    if (now === state) {
      ctx.io.out(`${name} is ${state}\n`);
      return exitCodes.ok;
    }
    if (now === "dead") throw notAny(name, { state, exitCode: exitCodes.notRunning });
    const tells = runtimes[agent.runtime].reports;
    if (now === undefined && state !== "dead" && !tells) throw untold(name);
    if (ctx.clock.monotonic() - beganAt >= timeoutMs) {
      throw new AppError(`${name} is not ${state} in time: it is ${now ?? "running"}`, {
        exitCode: exitCodes.busy,
        hint: `mosaic agent status ${name} --explain`,
      });
    }
    await ctx.clock.sleep(pauseMs);
  }
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
