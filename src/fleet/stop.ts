// `mosaic fleet stop [NAME…]`: ends agents with every process below them; without names also the tmux server,
// unless a person has sessions of their own on it.
import type { Context } from "../context.ts";
import { loadRoster, pickAgents } from "./load-roster.ts";
import { listPanes } from "./observe.ts";
import { openSupervisor } from "./open-supervisor.ts";
import { outcomeTeller } from "./outcomes.ts";
import type { FleetOptions } from "./bring-up.ts";
import { holderSession } from "../domain/names.ts";

/** Exit code 0 when all named agents are stopped. */
export async function stopFleet(ctx: Context, options: FleetOptions): Promise<number> {
  const roster = await loadRoster(ctx);
  const agents = pickAgents(roster, options.names).map((agent) => agent.name);
  const supervisor = await openSupervisor(ctx, roster);
  const everything = options.names.length === 0;
  const names = everything
    ? [...new Set([...agents, ...(await orphanNames(ctx, roster.socket))])]
    : agents;
  const teller = outcomeTeller(ctx, { json: options.json, names, verb: "stopping" });
  teller.begin();
  await supervisor.stop(names, teller.told);
  if (everything) {
    const foreign = await foreignSessions(ctx, roster.socket);
    if (foreign.length === 0) await supervisor.stopHolder();
    else
      ctx.io.err(
        `kept the tmux server: it holds sessions that are not ours: ${foreign.join(", ")}\n`,
      );
  }
  return teller.done();
}

/** Agents that run but are no longer in the roster. */
async function orphanNames(ctx: Context, socket: string): Promise<string[]> {
  const { owner, panes } = await listPanes(ctx, socket);
  if (owner !== "ours") return [];
  return panes
    .filter((pane) => pane.agent !== "" && pane.agent === pane.session)
    .map((pane) => pane.agent);
}

async function foreignSessions(ctx: Context, socket: string): Promise<string[]> {
  const { panes } = await listPanes(ctx, socket);
  const foreign = panes.filter((pane) => pane.agent === "" && pane.session !== holderSession);
  return [...new Set(foreign.map((pane) => pane.session))];
}
