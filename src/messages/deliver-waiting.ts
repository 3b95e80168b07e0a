// `mosaic agent deliver NAME`: stays until the agent's queue is empty, in the background of whoever left it there.
import type { Context } from "../context.ts";
import { agentFiles } from "../domain/names.ts";
import type { Roster } from "../domain/roster.ts";
import { AppError, exitCodes } from "../errors.ts";
import { ensureFramework } from "../fleet/framework.ts";
import { loadRoster, pickAgents } from "../fleet/load-roster.ts";
import { openStore } from "../store/store.ts";
import { takeLateReports } from "./late-reports.ts";
import { movedAway } from "./background.ts";
import { emptyQueue, type QueueEnd } from "./queue.ts";

/** An agent that reports is tried when its turn ends; these are for one whose screen alone tells it. */
const firstPauseMs = 500;
const longestPauseMs = 10_000;

/** One that is down for so long is started by somebody, who has its queue delivered then. */
const longestDownMs = 60_000;

/** One process per agent; a second one tries once and leaves. Throws AppError, exit 2, once the agent has left the roster. */
export async function deliverWaiting(ctx: Context, name: string): Promise<number> {
  const roster = await loadRoster(ctx);
  pickAgents(roster, [name]);
  if (await movedAway(ctx, { agent: name, supervisor: roster.supervisor })) return exitCodes.ok;
  await ensureFramework(ctx);
  let end = await attempt(ctx, name);
  // What came between the last look and the end of the one who stayed would have nobody: so it is looked at once more.
  while (end !== "empty") {
    using stays = await ctx.files.tryLock(agentFiles(ctx.paths, name).delivering);
    if (stays === undefined) return exitCodes.ok;
    if ((await stay(ctx, name)) === "down") return exitCodes.ok;
    stays[Symbol.dispose]();
    end = await attempt(ctx, name);
  }
  return exitCodes.ok;
}

async function stay(ctx: Context, name: string): Promise<"empty" | "down"> {
  let upAt = ctx.clock.monotonic();
  for (let pauseMs = firstPauseMs; ; pauseMs *= 1.3) {
    const end = await attempt(ctx, name);
    if (end === "empty") return end;
    if (end !== "down") upAt = ctx.clock.monotonic();
    if (ctx.clock.monotonic() - upAt >= longestDownMs) return "down";
    await ctx.clock.sleep(Math.min(pauseMs, longestPauseMs));
  }
}

/** With the roster as it is now, which may have been edited or removed since; `down` while it cannot be read. */
async function attempt(ctx: Context, name: string): Promise<QueueEnd> {
  const roster = await rosterNow(ctx);
  if (roster === undefined) return "down";
  const [agent] = pickAgents(roster, [name]);
  if (agent === undefined) return "empty";
  try {
    using store = await openStore(ctx);
    await takeLateReports(ctx, store, { agent: name });
    return await emptyQueue(ctx, store, { socket: roster.socket, agent });
  } catch (error) {
    // A tmux that fails now may answer at the next try; each message has its time to live.
    if (!(error instanceof AppError)) throw error;
    return "blocked";
  }
}

/** undefined for one that cannot be read: it may be half saved, and good again at the next look. */
async function rosterNow(ctx: Context): Promise<Roster | undefined> {
  try {
    return await loadRoster(ctx);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return undefined;
  }
}
