// How `mosaic fleet run` ends. SIGTERM and SIGINT stop the agents and the tmux server; a second one leaves them no
// time. SIGHUP (the terminal went away, or another version takes over) ends the supervisor alone.
import type { Context } from "../../context.ts";
import type { Roster } from "../../domain/roster.ts";
import { foreignSessions } from "../../domain/sessions.ts";
import { AppError, exitCodes } from "../../errors.ts";
import { listPanes } from "../../fleet/observe.ts";
import type { Agents } from "./managed.ts";
import type { TmuxServer } from "./tmux-server.ts";
import { keepWaiting } from "./waiting.ts";

/** leave: the agents live on without a supervisor. */
export type Ending = "stop" | "leave" | "all-failed";

/** What the next signal asks for. */
export async function untilOrder(ctx: Context): Promise<Ending> {
  return (await ctx.untilSignal()) === "SIGHUP" ? "leave" : "stop";
}

/** Resolves when no agent is left that runs, or will, or was stopped by a person. */
export async function untilAllFailed(agents: Agents): Promise<Ending> {
  while (!agents.states().every(({ state }) => state === "failed")) await agents.changed();
  return "all-failed";
}

export interface EndOptions {
  roster: Pick<Roster, "socket">;
  agents: Agents;
  server: TmuxServer;
  ending: Ending;
}

/** Exit code 0. Throws AppError (exit 1) when the end is none that anybody wished for. */
export async function endFleet(ctx: Context, options: EndOptions): Promise<number> {
  const { agents, server, ending } = options;
  if (ending === "leave") {
    server.leave();
    const waiting = await agents.detach();
    await keepWaiting(ctx, options.roster.socket, waiting);
    ctx.io.err("ended; the agents live on\n");
    if (waiting.length > 0) {
      ctx.io.err(`the next supervisor starts what was not up: ${waiting.join(", ")}\n`);
    }
    return exitCodes.ok;
  }
  await stopAll(ctx, agents);
  await endServer(ctx, options);
  if (ending === "all-failed") {
    throw new AppError("every agent has failed for good", { hint: "mosaic agent why NAME" });
  }
  ctx.io.err("stopped\n");
  return exitCodes.ok;
}

async function stopAll(ctx: Context, agents: Agents): Promise<void> {
  const names = agents.states().map(({ name }) => name);
  ctx.io.err(`stopping ${names.length} ${names.length === 1 ? "agent" : "agents"}\n`);
  const stopped = Promise.all(names.map((name) => agents.stop(name)));
  const again = await Promise.race([stopped, ctx.untilSignal()]);
  if (typeof again === "string") {
    ctx.io.err("not waiting any longer\n");
    await Promise.all(names.map((name) => agents.stop(name, { isHurried: true })));
  }
  for (const { name, result, reason } of await stopped) {
    if (result === "failed") ctx.io.err(`${name}: not stopped: ${reason}\n`);
  }
}

/** A session that a person made on our server is not ours to end, and neither is a server that took our socket. */
async function endServer(ctx: Context, { roster, server }: EndOptions): Promise<void> {
  const foreign = foreignSessions(await listPanes(ctx, roster.socket));
  if (foreign.length === 0) return await server.end();
  server.leave();
  ctx.io.err(`kept the tmux server: it holds sessions that are not ours: ${foreign.join(", ")}\n`);
}
