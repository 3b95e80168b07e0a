// What list-panes tells, turned into sessions: one for each, with the agent's own pane in it. Pure.
import type { PaneFacts } from "./agent-state.ts";
import { holderSession } from "./names.ts";

/** Whose tmux server answers on the roster's socket. */
export type ServerOwner = "none" | "ours" | "foreign";

export interface Sessions {
  owner: ServerOwner;
  /** One for each session. */
  panes: readonly PaneFacts[];
}

/** Names of the sessions that nobody but a person may end: all of them on a server that is not ours. */
export function foreignSessions({ owner, panes }: Sessions): string[] {
  const foreign = panes.filter(
    ({ agent, session }) => owner === "foreign" || (agent !== session && session !== holderSession),
  );
  return foreign.map(({ session }) => session);
}

/** Names of the agents that have a session on our server, dead panes included. */
export function agentSessions({ owner, panes }: Sessions): string[] {
  if (owner !== "ours") return [];
  return panes.filter(({ agent, session }) => agent === session).map(({ agent }) => agent);
}

/** Names of the agents whose pane lives on our server. */
export function livingAgents(sessions: Sessions): string[] {
  const living = sessions.panes.filter(({ isDead }) => !isDead);
  return agentSessions({ ...sessions, panes: living });
}

/** A line of list-panes, and which pane its session was made with. */
export interface ListedPane extends PaneFacts {
  /** Pane id; empty in a session that does not say. */
  agentPane: string;
}

/**
 * One pane for each session: that which the session was made with, whatever a person split off since. One that is gone
 * counts as dead. In a session that does not say which it was, the first.
 */
export function ownPanes(listed: readonly ListedPane[]): PaneFacts[] {
  const sessions = new Map<string, ListedPane[]>();
  for (const pane of listed) {
    sessions.set(pane.session, [...(sessions.get(pane.session) ?? []), pane]);
  }
  return [...sessions.values()].flatMap(([first, ...others]) => {
    if (first === undefined) return [];
    const { agentPane } = first;
    const own = [first, ...others].find(({ paneId }) => paneId === agentPane);
    const gone = { ...first, paneId: agentPane, panePid: 0, isDead: true };
    const { agentPane: _, ...pane } = own ?? (agentPane === "" ? first : gone);
    return [pane];
  });
}
