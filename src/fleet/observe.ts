// One look at the fleet: one tmux exec for all panes, one systemctl exec (or one socket request) for all units.
import { exitCodes } from "../errors.ts";
import type { Context, ExecResult } from "../context.ts";
import { type AgentState, agentState, type PaneFacts } from "../domain/agent-state.ts";
import type { Judged } from "../domain/activity.ts";
import type { Agent, Roster } from "../domain/roster.ts";
import { foreignSessions, ownPanes, type ServerOwner, type Sessions } from "../domain/sessions.ts";
import type { SupervisedAgent, SupervisorKind } from "../supervisors/supervisor.ts";
import { chooseSupervisor } from "../supervisors/choose.ts";
import { lookAtActivities } from "./activities.ts";
import { howItEnded, readBlackBox } from "./black-box.ts";
import { noTmux } from "./server-owner.ts";
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
  "#{@mosaic_pane}",
];

export interface ObservedAgent extends AgentState {
  agent: Agent;
  /** What it does, when it runs and something tells. */
  doing: Judged | undefined;
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

/** Looks at the given agents of the roster: two execs, and for what they do one or two more. */
export async function observeFleet(
  ctx: Context,
  options: {
    roster: Roster;
    agents: readonly Agent[];
    /** What the running ones do, too. */
    doing?: boolean;
  },
): Promise<Observation> {
  const { roster, agents } = options;
  const names = agents.map((agent) => agent.name);
  const [sessions, supervision] = await Promise.all([
    listPanes(ctx, roster.socket),
    superviseStates(ctx, { roster, names }),
  ]);
  const ours = sessions.owner === "ours" ? sessions.panes : [];
  const known = new Set(roster.agents.map((agent) => agent.name));
  const paneOf = (agent: Agent) =>
    ours.find((one) => one.session === agent.name && one.agent === agent.name);
  const living = agents.flatMap((agent) => {
    const pane = paneOf(agent);
    if (pane === undefined || pane.isDead) return [];
    const { paneId, instance, createdAt: startedAt } = pane;
    return [{ agent, paneId, instance, startedAt }];
  });
  const seen = options.doing === true ? living : [];
  const doing = await lookAtActivities(ctx, roster.socket, seen);
  return {
    supervisor: supervision.kind,
    server: sessions.owner,
    agents: await Promise.all(
      agents.map(async (agent) => {
        const pane = paneOf(agent);
        const supervised = supervision.states.get(agent.name);
        const state = agentState(supervised, pane);
        const reason = `${state.reason}${await trueEnd(ctx, { agent: agent.name, state })}`;
        return { agent, pane, supervised, doing: doing.get(agent.name), ...state, reason };
      }),
    ),
    orphans: ours.filter((pane) => pane.agent !== "" && !known.has(pane.agent)),
    foreignSessions: foreignSessions(sessions),
  };
}

/** A unit process can only say 1 to 63; what the runtime itself ended with, when that was something else. */
async function trueEnd(
  ctx: Context,
  { agent, state }: { agent: string; state: AgentState },
): Promise<string> {
  const box = state.state === "crashed" ? await readBlackBox(ctx, agent) : undefined;
  return (box?.status ?? 0) > 63 && box !== undefined ? `, the runtime: ${howItEnded(box)}` : "";
}

/** All sessions of the server on the socket, each with its agent's pane, and whose server it is; one exec. */
export async function listPanes(ctx: Context, socket: string): Promise<Sessions> {
  const listed = await ctx.exec(
    tmuxArgv(socket, ["list-panes", "-a", "-F", paneFields.join("\t")]),
  );
  if (listed.exitCode === 127) throw noTmux();
  return parsePanes(listed, ctx.paths.config);
}

/** The answer of list-panes. Our server always holds at least the _holder session, so no panes means no server. */
export function parsePanes(listed: ExecResult, home: string): Sessions {
  if (listed.exitCode !== exitCodes.ok) return { owner: "none", panes: [] };
  const rows = listed.stdout
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => line.split("\t"));
  const panes = rows.map(
    ([, session, agent, instance, paneId, pid, dead, attached, created, agentPane]) => ({
      session: session ?? "",
      agent: agent ?? "",
      instance: instance ?? "",
      paneId: paneId ?? "",
      panePid: Number(pid),
      isDead: dead === "1",
      isAttached: attached !== "0",
      createdAt: Number(created) * 1000,
      agentPane: agentPane ?? "",
    }),
  );
  return { owner: rows[0]?.[0] === home ? "ours" : "foreign", panes: ownPanes(panes) };
}

async function superviseStates(
  ctx: Context,
  { roster, names }: { roster: Roster; names: readonly string[] },
): Promise<{ kind: SupervisorKind; states: Map<string, SupervisedAgent> }> {
  if (roster.supervisor !== "builtin") {
    const { systemdStates } = await import("../supervisors/systemd/states.ts");
    const seen = await systemdStates(ctx, { roster, names });
    const kind = chooseSupervisor({ wanted: roster.supervisor, userManager: seen.manager });
    if (kind === "systemd") return { kind, states: seen.states };
  }
  const { builtinSupervisor } = await import("../supervisors/builtin/index.ts");
  return { kind: "builtin", states: await builtinSupervisor(ctx, roster).states(names) };
}
