// `mosaic fleet stop [NAME…]`: ends agents with every process below them; without names also the tmux server,
// unless a person has sessions of their own on it.
import type { Context } from "../context.ts";
import { agentSessions } from "../domain/sessions.ts";
import { refuseForLeft } from "../messages/left-roster.ts";
import { exitCodes } from "../errors.ts";
import type { FleetOptions } from "./bring-up.ts";
import { loadRoster, pickAgents } from "./load-roster.ts";
import { listPanes } from "./observe.ts";
import { openSupervisor } from "./open-supervisor.ts";
import { outcomeTeller } from "./outcomes.ts";
import { refuseForeignUnits } from "./refusals.ts";
import { livingUnits, stopRemains, strayFleets } from "./stop-remains.ts";

/** Exit code 0 when all named agents are stopped. */
export async function stopFleet(ctx: Context, options: FleetOptions): Promise<number> {
  const roster = await loadRoster(ctx);
  const { socket } = roster;
  const supervisor = await openSupervisor(ctx, roster);
  await refuseForeignUnits(ctx, supervisor.kind);
  const everything = options.names.length === 0;
  // Agents that run but are no longer in the roster too.
  const running = agentSessions(await listPanes(ctx, socket));
  const orphans = everything ? running : options.names.filter((name) => running.includes(name));
  // Ends what waits for those that are gone; with a session or without, a stop of one is no mistake then.
  const left = await refuseForLeft(ctx, roster);
  const gone = options.names.filter((name) => left.includes(name));
  const inRoster = options.names.filter((name) => ![...orphans, ...gone].includes(name));
  const agents = everything || inRoster.length > 0 ? pickAgents(roster, inRoster) : [];
  const names = [...new Set([...agents.map((agent) => agent.name), ...orphans, ...gone])];
  const teller = outcomeTeller(ctx, { json: options.json, names, verb: "stopping" });
  teller.begin();
  await supervisor.stop(names, teller.told);
  if (everything) await supervisor.stopHolder();
  // The roster may have named another socket, or the other supervisor, when they were started.
  const strays = everything ? await strayFleets(ctx, socket) : [];
  if (everything && supervisor.kind === "builtin") strays.push(...(await livingUnits(ctx)));
  if (strays.length > 0 && !(await stopRemains(ctx))) return exitCodes.failed;
  return teller.done();
}
