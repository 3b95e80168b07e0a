// The only place that builds names of units, sessions, scopes and files of an agent. Pure.
import type { Paths } from "../context.ts";

/** An agent's name: also its tmux session, its unit instance and its folder, so nothing needs escaping. */
export const agentNamePattern = /^[a-z][a-z0-9-]{0,39}$/;

/** The session that keeps our tmux server alive; no agent can have this name. */
export const holderSession = "_holder";

/** The unit that owns the tmux server. */
export const holderUnit = "mosaic-tmux-holder.service";

/** The template of which every agent's unit is an instance. */
export const agentUnitTemplate = "mosaic-agent@.service";

/** Slice of the agents' scopes: `systemctl --user status mosaic-agents.slice` shows them all. */
export const agentsSlice = "mosaic-agents.slice";

/** The unit of one agent, such as `mosaic-agent@canary-pi.service`. */
export function agentUnit(agent: string): string {
  return `mosaic-agent@${agent}.service`;
}

/**
 * An exact tmux target for a session's pane. `=name` alone fails for send-keys, capture-pane and others on
 * tmux 3.3a, and a bare name matches by prefix; `=name:` is right everywhere (research/agents.md, measured).
 */
export function paneTarget(session: string): string {
  return `=${session}:`;
}

/** The files of one agent below the state folder. */
export interface AgentFiles {
  /** Folder of all below, 0700. */
  dir: string;
  /** Rendered from the roster, read by start-agent-session.sh (domain/launch.ts). */
  launch: string;
  /** What start-agent-session.sh left when the pane ended: `key=value` lines. */
  blackBox: string;
  /** The last screen of the pane, plain text. */
  lastScreen: string;
  /** The id of the conversation that its next start goes on with; not there: a new one. */
  resume: string;
  /** Locked by the one who types what waits for the agent. */
  sending: string;
  /** A folder for each run of it (MOSAIC_INSTANCE), through which its extension takes messages. */
  spool: string;
  /** Locked by the process in the background that stays until nothing waits. */
  delivering: string;
  /** There when a message waits: whoever starts the agent has it delivered. */
  waits: string;
  /** A folder of permits to type a message (messages/permit.ts). */
  typing: string;
  /** A folder of what the agent reported while the store was locked. */
  late: string;
}

/** Where the files of an agent are; the shell script knows the same names. */
export function agentFiles(paths: Pick<Paths, "state">, agent: string): AgentFiles {
  const dir = `${paths.state}/agents/${agent}`;
  return {
    dir,
    launch: `${dir}/launch.sh`,
    blackBox: `${dir}/black-box`,
    lastScreen: `${dir}/last-screen.txt`,
    resume: `${dir}/resume`,
    sending: `${dir}/sending`,
    spool: `${dir}/spool`,
    delivering: `${dir}/delivering`,
    waits: `${dir}/waits`,
    typing: `${dir}/typing`,
    late: `${dir}/late`,
  };
}

/** SQLite: messages with their receipts, and what agents reported. */
export function stateDatabase(paths: Pick<Paths, "state">): string {
  return `${paths.state}/state.db`;
}

/** What the agents' hooks could not do. */
export function hookLog(paths: Pick<Paths, "state">): string {
  return `${paths.state}/log/hooks.log`;
}

/** The roster of this site. */
export function rosterFile(paths: Pick<Paths, "config">): string {
  return `${paths.config}/fleet/roster.yaml`;
}

/** The settings of this site, without its secrets. */
export function configFile(paths: Pick<Paths, "config">): string {
  return `${paths.config}/config.yaml`;
}

/** The shell tools, as extracted from the framework. */
export function toolFiles(paths: Pick<Paths, "config">) {
  return {
    startAgentSession: `${paths.config}/tools/fleet/start-agent-session.sh`,
    agentSend: `${paths.config}/tools/tmux/agent-send.sh`,
    sendMessage: `${paths.config}/tools/tmux/send-message.sh`,
    tmuxConf: `${paths.config}/fleet/tmux.conf`,
  };
}

/** The files of the locks: one registry mutex, and a file for each lock that is held. */
export function lockFiles(paths: Pick<Paths, "state">) {
  const dir = `${paths.state}/locks`;
  return {
    /** Folder of all below, 0700. */
    dir,
    mutex: `${dir}/registry.mutex`,
    /** What the lock of this name says; not there when it is free. */
    lock: (name: string) => `${dir}/${name}.lock`,
    /** Where it is written before it is renamed. One for all, because only who holds the mutex writes. */
    draft: `${dir}/registry.draft`,
  };
}
