// What agents.ts manages, and what it offers to the rest of the supervisor. Types.
import type { Child } from "../../context.ts";
import type { Agent } from "../../domain/roster.ts";
import type { AgentOutcome, SupervisedAgent } from "../supervisor.ts";
import type { Phase, Unit } from "./unit.ts";

export interface AgentsOptions {
  /** Of the tmux server. */
  socket: string;
  /** The scripts' whole environment. */
  env: Readonly<Record<string, string>>;
  /** Resolves when the tmux server answers. */
  serverReady(): Promise<void>;
  /** An agent has lost its session: the server may be gone. */
  sessionLost(): void;
  report(line: string): void;
}

export interface StartOptions {
  /** By a person, who wants no pause for former crashes. */
  isFresh: boolean;
  /** Of whoever asks, when that one runs under the agent's restart lock itself. */
  token?: string | undefined;
  /** The PATH of whoever asks, which the agent gets; default: the one of its start before, or ours. */
  searchPath?: string | undefined;
}

export interface Agents {
  /** Starts one, or joins a start that is under way. Resolves when it is ready, or when its first try has failed. */
  start(agent: Agent, options: StartOptions): Promise<AgentOutcome>;
  /** Also for an agent that we do not supervise. `isHurried` leaves its processes no time. */
  stop(name: string, options?: { isHurried: boolean }): Promise<AgentOutcome>;
  restart(
    agent: Agent,
    options?: Pick<StartOptions, "token" | "searchPath">,
  ): Promise<AgentOutcome>;
  states(): SupervisedAgent[];
  /** Resolves at the next change of any agent. */
  changed(): Promise<void>;
  /** Ends our scripts and leaves the agents alive; the names of those that have no session and wait for their start. */
  detach(): Promise<string[]>;
}

/** One of them, and what is under way with it. */
export interface Managed {
  unit: Unit;
  /** The PATH of its last start by a person. */
  searchPath: string | undefined;
  child: Child | undefined;
  /** Under way; a start waits for it. */
  stop: Promise<AgentOutcome> | undefined;
  /** It waits for its restart lock; aborted, it gives up. */
  wait: AbortController | undefined;
}

/** The phase now: a call and no field, because it may be another one after each await. */
export function phaseOf(managed: Managed): Phase {
  return managed.unit.phase;
}
