// What an agent is doing, from what its supervisor and its pane say. Pure; the hooks and screen rules that
// tell idle from working join here as further sources.

/** What a supervisor knows of one agent; what its pane says is another source. */
export interface SupervisedAgent {
  name: string;
  /**
   * running: the pane lives and was ready · starting: not ready yet · backoff: waits before a restart ·
   * stopped: not wanted, or ended cleanly · failed: ended for good, see reason.
   */
  state: "running" | "starting" | "backoff" | "stopped" | "failed";
  /** Why it failed or waits, for people; empty otherwise. */
  reason: string;
  /** failed over its configuration or login: restarting cannot help, a person must act. */
  needsPerson: boolean;
  /** Restarts by the supervisor since the last start by a person. */
  restarts: number;
  /** Epoch ms since when it is in this state; 0 when unknown. */
  sinceMs: number;
  /** No supervisor answers: nobody knows but the processes. */
  isUnknown?: boolean;
}

/** A session of the tmux server and the agent's own pane in it: a person may have split the window. */
export interface PaneFacts {
  session: string;
  /** The agent that mosaic made this session for; empty for a person's own session. */
  agent: string;
  instance: string;
  paneId: string;
  /** The wrapper's pid, whose child is the runtime; 0 when the pane is gone. */
  panePid: number;
  isDead: boolean;
  isAttached: boolean;
  /** Epoch ms. */
  createdAt: number;
}

/**
 * running: the pane lives · starting · restarting: waits or comes back after a crash · crashed: down for good
 * after crashes · parked: configuration or login, a person must act · stopped: not wanted or ended cleanly ·
 * dead: should live but does not.
 */
export type AgentStateName =
  | "running"
  | "starting"
  | "restarting"
  | "crashed"
  | "parked"
  | "stopped"
  | "dead";

export interface AgentState {
  state: AgentStateName;
  /** Where it comes from. */
  source: "process" | "supervisor";
  reason: string;
}

/** The two sources joined: a living pane is a fact, everything else is the supervisor's word. */
export function agentState(
  supervised: SupervisedAgent | undefined,
  pane: PaneFacts | undefined,
): AgentState {
  const lives = pane !== undefined && !pane.isDead;
  const said = supervised?.state ?? "stopped";
  const reason = supervised?.reason ?? "";
  if (lives) {
    if (said === "starting") return { state: "starting", source: "supervisor", reason };
    if (said === "running") return { state: "running", source: "process", reason };
    return {
      state: "running",
      source: "process",
      reason: reason || "not supervised: nothing will restart it",
    };
  }
  if (said === "running") {
    const why = pane === undefined ? "its tmux session is gone" : "its pane is dead";
    return { state: "dead", source: "process", reason: why };
  }
  if (said === "starting") return { state: "starting", source: "supervisor", reason };
  if (said === "backoff") return { state: "restarting", source: "supervisor", reason };
  if (said === "failed") {
    const state = supervised?.needsPerson === true ? "parked" : "crashed";
    return { state, source: "supervisor", reason };
  }
  const source = supervised?.isUnknown === true ? "process" : "supervisor";
  return { state: "stopped", source, reason };
}
