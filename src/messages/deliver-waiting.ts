// `mosaic agent deliver NAME`: stays until the agent's queue is empty, in the background of whoever left it there.
import type { Context } from "../context.ts";
import { agentFiles } from "../domain/names.ts";
import type { Roster } from "../domain/roster.ts";
import { AppError, exitCodes } from "../errors.ts";
import { ensureFramework } from "../fleet/framework.ts";
import { loadRoster, pickAgents } from "../fleet/load-roster.ts";
import { queueOf, refuseQueue } from "../store/messages.ts";
import { openStore } from "../store/store.ts";
import { tellLeft } from "./left-roster.ts";
import { takeLateReports } from "./late-reports.ts";
import { movedAway } from "./background.ts";
import { outlookOf } from "./comes-back.ts";
import { emptyQueue, type QueueEnd } from "./queue.ts";

/** An agent that reports is tried when its turn ends; these are for one whose screen alone tells it. */
const firstPauseMs = 500;
const longestPauseMs = 10_000;

/** One that is down for so long is started by somebody, who has its queue delivered then. */
const longestDownMs = 60_000;

/** A fault that is there for so long, and is no lock of another process, does not pass by itself. */
const longestFaultMs = 60_000;

/** `fault`: nothing could be tried. `expiresAt`: when the last message of the queue expires; epoch milliseconds. */
type Attempt = { end: QueueEnd; expiresAt: number } | { fault: AppError };

/**
 * One process per agent; a second one tries once and leaves. Throws AppError: exit 2 when the agent is not in the roster, else
 * what keeps its messages from it and does not pass; they are refused with that cause, where the store takes it.
 */
export async function deliverWaiting(ctx: Context, name: string): Promise<number> {
  const roster = await loadRoster(ctx);
  if (!isIn(roster, name)) await tellLeft(ctx, name);
  pickAgents(roster, [name]);
  if (await movedAway(ctx, { agent: name, supervisor: roster.supervisor })) return exitCodes.ok;
  await ensureFramework(ctx);
  // What came between the last look and the end of the one who stayed would have nobody: so it is looked at once more.
  while (!isEmpty(await attempt(ctx, name))) {
    using stays = await ctx.files.tryLock(agentFiles(ctx.paths, name).delivering);
    if (stays === undefined) return exitCodes.ok;
    if ((await stay(ctx, name)) === "down") return exitCodes.ok;
    stays[Symbol.dispose]();
  }
  return exitCodes.ok;
}

async function stay(ctx: Context, name: string): Promise<"empty" | "down"> {
  let upAt = ctx.clock.monotonic();
  let soundAt = upAt;
  let expiresAt = 0;
  for (let pauseMs = firstPauseMs; ; pauseMs *= 1.3) {
    const tried = await attempt(ctx, name);
    const now = ctx.clock.monotonic();
    if ("fault" in tried) {
      const isLocked = tried.fault.exitCode === exitCodes.busy;
      const mayPass = isLocked && ctx.clock.now() < expiresAt;
      if (!mayPass && now - soundAt >= longestFaultMs) return await giveUp(ctx, name, tried.fault);
    } else {
      if (tried.end === "empty") return tried.end;
      ({ expiresAt } = tried);
      soundAt = now;
      if (tried.end !== "down") upAt = now;
      if (now - upAt >= longestDownMs) return "down";
    }
    await ctx.clock.sleep(Math.min(pauseMs, longestPauseMs));
  }
}

function isEmpty(tried: Attempt): boolean {
  return "end" in tried && tried.end === "empty";
}

/** Whoever sent them learns why; where not even that can be written, the one who comes next tries again. */
async function giveUp(ctx: Context, name: string, fault: AppError): Promise<never> {
  try {
    using store = await openStore(ctx);
    const evidence = `it cannot be delivered: ${fault.message}`;
    refuseQueue(store, { agent: name, at: ctx.clock.now(), evidence });
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
  }
  throw fault;
}

/** With the roster as it is now, which may have been edited or removed since; `down` while it cannot be read. */
async function attempt(ctx: Context, name: string): Promise<Attempt> {
  const roster = await rosterNow(ctx);
  if (roster === undefined) return { end: "down", expiresAt: 0 };
  if (!isIn(roster, name)) {
    // Somebody edits it: the next start or stop of the fleet settles what waits, or its time does.
    await tellLeft(ctx, name);
    return { end: "down", expiresAt: 0 };
  }
  const [agent] = pickAgents(roster, [name]);
  if (agent === undefined) return { end: "empty", expiresAt: 0 };
  try {
    using store = await openStore(ctx);
    await takeLateReports(ctx, store, { agent: name });
    const queue = { socket: roster.socket, agent };
    const end = await emptyQueue(ctx, store, {
      ...queue,
      outlook: () => outlookOf(ctx, { roster, agent }),
    });
    return { end, expiresAt: queueOf(store, name).at(-1)?.expiresAt ?? 0 };
  } catch (error) {
    // A tmux that fails now, and a store that is locked, may be well at the next try.
    if (!(error instanceof AppError)) throw error;
    return { fault: error };
  }
}

function isIn({ agents }: Roster, name: string): boolean {
  return agents.some((agent) => agent.name === name);
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
