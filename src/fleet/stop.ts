// `mosaic fleet stop [NAME…]`: ends agents with every process below them; without names also the tmux server,
// unless a person has sessions of their own on it.
import type { Context } from "../context.ts";
import { agentSessions, foreignSessions, type Sessions } from "../domain/sessions.ts";
import type { FleetOptions } from "./bring-up.ts";
import { loadRoster, pickAgents } from "./load-roster.ts";
import { listPanes } from "./observe.ts";
import { openSupervisor } from "./open-supervisor.ts";
import { outcomeTeller } from "./outcomes.ts";

/** Exit code 0 when all named agents are stopped. */
export async function stopFleet(ctx: Context, options: FleetOptions): Promise<number> {
  const roster = await loadRoster(ctx);
  const { socket } = roster;
  const agents = pickAgents(roster, options.names).map((agent) => agent.name);
  const supervisor = await openSupervisor(ctx, roster);
  const everything = options.names.length === 0;
  // Agents that run but are no longer in the roster too.
  const orphans = everything ? agentSessions(await listPanes(ctx, socket)) : [];
  const names = [...new Set([...agents, ...orphans])];
  const teller = outcomeTeller(ctx, { json: options.json, names, verb: "stopping" });
  teller.begin();
  await supervisor.stop(names, teller.told);
  if (everything && mayEndServer(ctx, { socket, sessions: await listPanes(ctx, socket) })) {
    await supervisor.stopHolder();
  }
  return teller.done();
}

/** Whether nobody but us needs the tmux server on the socket; says who does. */
export function mayEndServer(
  ctx: Context,
  { socket, sessions }: { socket: string; sessions: Sessions },
): boolean {
  if (sessions.owner === "foreign") {
    ctx.io.err(`left the tmux server on socket ${socket} alone: it is not ours\n`);
    return false;
  }
  const foreign = foreignSessions(sessions);
  if (foreign.length === 0) return true;
  const names = foreign.join(", ");
  ctx.io.err(`kept the tmux server: it holds sessions that are not ours: ${names}\n`);
  return false;
}
