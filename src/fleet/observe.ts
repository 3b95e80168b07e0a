// One look at the fleet: one tmux exec for all panes, one systemctl exec (or one socket request) for all units.
import { exitCodes } from "../errors.ts";
import type { Context, ExecResult } from "../context.ts";
import { type AgentState, agentState, type PaneFacts } from "../domain/agent-state.ts";
import type { Agent, Roster } from "../domain/roster.ts";
import type { SupervisedAgent, SupervisorKind } from "../supervisors/supervisor.ts";
import { chooseSupervisor } from "../supervisors/choose.ts";
import { noTmux, type ServerOwner } from "./server-owner.ts";
import { tmuxArgv } from "./tmux.ts";

/** Fields of one list-panes line; a tab cannot stand in any of them. pane_current_command would double the cost. */
const paneFields = [
  "#{@mosaic_home}",
  "#{session_name}",
  "#{@mosaic_agent}",
  "#{@mosaic_instance}",
  "#{pane_id}",
  "#{pane_pid}",
  "#{pane_dead}",
  "#{session_attached}",
  "#{session_created}",
];

export interface ObservedAgent extends AgentState {
  agent: Agent;
  pane: PaneFacts | undefined;
  supervised: SupervisedAgent | undefined;
}

export interface Observation {
  supervisor: SupervisorKind;
  server: ServerOwner;
  agents: ObservedAgent[];
  /** Sessions made by mosaic whose agent is no longer in the roster. */
  orphans: PaneFacts[];
  /** Names of sessions that are not ours. */
  foreignSessions: string[];
}

/** Looks at the given agents (all of the roster when none are named). Two execs at most. */
export async function observeFleet(
  ctx: Context,
  roster: Roster,
  agents: readonly Agent[],
): Promise<Observation> {
  const names = agents.map((agent) => agent.name);
  const [panes, supervision] = await Promise.all([
    listPanes(ctx, roster.socket),
    superviseStates(ctx, roster, names),
  ]);
  const ours = panes.owner === "ours" ? panes.panes : [];
  const known = new Set(roster.agents.map((agent) => agent.name));
  return {
    supervisor: supervision.kind,
    server: panes.owner,
    agents: agents.map((agent) => {
      const pane = ours.find((one) => one.session === agent.name && one.agent === agent.name);
      const supervised = supervision.states.get(agent.name);
      return { agent, pane, supervised, ...agentState(supervised, pane) };
    }),
    orphans: ours.filter((pane) => pane.agent !== "" && !known.has(pane.agent)),
    foreignSessions: foreignSessionsOf(panes.panes),
  };
}

function foreignSessionsOf(panes: readonly PaneFacts[]): string[] {
  const foreign = panes.filter((pane) => pane.agent !== pane.session && pane.session !== "_holder");
  return [...new Set(foreign.map((pane) => pane.session))];
}

/** All panes of the server on the socket, and whose server it is; one exec. */
export async function listPanes(
  ctx: Context,
  socket: string,
): Promise<{ owner: ServerOwner; panes: PaneFacts[] }> {
  const listed = await ctx.exec(
    tmuxArgv(socket, ["list-panes", "-a", "-F", paneFields.join("\t")]),
  );
  if (listed.exitCode === 127) throw noTmux();
  return parsePanes(listed, ctx.paths.config);
}

/** The answer of list-panes. Our server always holds at least the _holder session, so no panes means no server. */
export function parsePanes(
  listed: ExecResult,
  home: string,
): { owner: ServerOwner; panes: PaneFacts[] } {
  if (listed.exitCode !== exitCodes.ok) return { owner: "none", panes: [] };
  const rows = listed.stdout
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => line.split("\t"));
  const panes = rows.map(([, session, agent, instance, paneId, pid, dead, attached, created]) => ({
    session: session ?? "",
    agent: agent ?? "",
    instance: instance ?? "",
    paneId: paneId ?? "",
    panePid: Number(pid),
    isDead: dead === "1",
    isAttached: attached !== "0",
    createdAt: Number(created) * 1000,
  }));
  return { owner: rows[0]?.[0] === home ? "ours" : "foreign", panes };
}

async function superviseStates(
  ctx: Context,
  roster: Roster,
  names: readonly string[],
): Promise<{ kind: SupervisorKind; states: Map<string, SupervisedAgent> }> {
  if (roster.supervisor !== "builtin") {
    const { systemdStates } = await import("../supervisors/systemd/states.ts");
    const seen = await systemdStates(ctx, names);
    const kind = chooseSupervisor({ wanted: roster.supervisor, userManager: seen.manager });
    if (kind === "systemd") return { kind, states: seen.states };
  }
  const { builtinSupervisor } = await import("../supervisors/builtin/index.ts");
  return { kind: "builtin", states: await builtinSupervisor(ctx, roster).states(names) };
}
