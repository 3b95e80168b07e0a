// What starts and restarts agents. Two implementations (systemd/, builtin/) pass one contract suite.
import type { SupervisedAgent } from "../domain/agent-state.ts";

export type { SupervisedAgent } from "../domain/agent-state.ts";

export type SupervisorKind = "systemd" | "builtin";

/** What became of one agent in one start, stop or restart. */
export interface AgentOutcome {
  name: string;
  result:
    | "started"
    | "already-running"
    | "stopped"
    | "already-stopped"
    | "restarted"
    /** By somebody else, since we were asked. */
    | "already-restarted"
    | "failed";
  /** Why it failed, in one line; empty otherwise. */
  reason: string;
  /** A command that helps; empty when there is none. */
  hint: string;
  tookMs: number;
}

export interface Supervisor {
  readonly kind: SupervisorKind;
  /** Makes sure that our tmux server runs under this supervisor. Throws AppError when a foreign server owns the socket. */
  readonly ensureHolder: () => Promise<void>;
  /** Starts agents of the roster; each outcome is also told as soon as it is known. */
  readonly start: (
    names: readonly string[],
    told: (outcome: AgentOutcome) => void,
  ) => Promise<AgentOutcome[]>;
  readonly stop: (
    names: readonly string[],
    told: (outcome: AgentOutcome) => void,
  ) => Promise<AgentOutcome[]>;
  readonly restart: (
    names: readonly string[],
    told: (outcome: AgentOutcome) => void,
  ) => Promise<AgentOutcome[]>;
  /** Stops the holder, after the agents. */
  readonly stopHolder: () => Promise<void>;
  readonly states: (names: readonly string[]) => Promise<Map<string, SupervisedAgent>>;
}
