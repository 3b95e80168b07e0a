// `mosaic agent deliver NAME`: stays until the agent's queue is empty, in the background of whoever left it there.
import type { Context } from "../context.ts";
import { agentFiles } from "../domain/names.ts";
import { AppError, exitCodes } from "../errors.ts";
import { ensureFramework } from "../fleet/framework.ts";
import { loadRoster, pickAgents } from "../fleet/load-roster.ts";
import { openStore } from "../store/store.ts";
import { emptyQueue, type QueueEnd } from "./queue.ts";

/** An agent that reports is tried when its turn ends; these are for one whose screen alone tells it. */
const firstPauseMs = 500;
const longestPauseMs = 10_000;

/** One process per agent; a second one tries once and leaves. */
export async function deliverWaiting(ctx: Context, name: string): Promise<number> {
  const roster = await loadRoster(ctx);
  const [agent] = pickAgents(roster, [name]);
  if (agent === undefined) return exitCodes.ok;
  await ensureFramework(ctx);
  using store = await openStore(ctx);
  const queue = { socket: roster.socket, agent };
  const attempt = async (): Promise<QueueEnd> => {
    try {
      return await emptyQueue(ctx, store, queue);
    } catch (error) {
      // A tmux that fails now may answer at the next try; each message has its time to live.
      if (!(error instanceof AppError)) throw error;
      return "blocked";
    }
  };
  using waits = await ctx.files.tryLock(`${agentFiles(ctx.paths, name).dir}/delivering`);
  let end = await attempt();
  if (waits === undefined) return exitCodes.ok;
  for (let pauseMs = firstPauseMs; end !== "empty"; pauseMs *= 1.3) {
    await ctx.clock.sleep(Math.min(pauseMs, longestPauseMs));
    end = await attempt();
  }
  return exitCodes.ok;
}
