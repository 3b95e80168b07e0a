// Renders the launch file of an agent: the shell assignments that start-agent-session.sh reads. Pure.
import type { Agent, Roster } from "./roster.ts";
import { firstRunArgs, firstRunEnv } from "./first-run.ts";
import { runtimes } from "./runtimes.ts";
import { agentsSlice } from "./names.ts";
import { shellQuote } from "./shell-word.ts";

/** Raised when the variables change; the script renders the file anew when it finds another number. */
export const launchFormat = 3;

/** How long a runtime may take to end after SIGTERM before it is killed. */
export const stopSeconds = 5;

export interface LaunchInput {
  roster: Pick<Roster, "socket" | "window">;
  agent: Agent;
  /** The folder that marks our tmux server (@mosaic_home). */
  home: string;
  /** argv prefix of this executable, for the runtimes that live inside it. */
  self: readonly string[];
  /** The runtime's id of the conversation that it goes on with; undefined: a new one. */
  resume?: string | undefined;
}

/** Text that a tmux format prints as it stands; `#`, `,` and `}` have a meaning in one (tmux(1), FORMATS). */
export function tmuxFormatLiteral(text: string): string {
  return text.replaceAll(/[#,}]/g, "#$&");
}

/** The argv of an agent's runtime, with what makes it report to us, and the roster's arguments. */
export function runtimeArgv(
  agent: Agent,
  { self, home, resume }: Pick<LaunchInput, "self" | "home" | "resume">,
): string[] {
  const { program, firstRun, reportArgs, reportFlag, resumeArgs } = runtimes[agent.runtime];
  if (program.kind === "path") {
    const hooks = agent.args.includes(reportFlag)
      ? []
      : reportArgs.map((word) => word.replace("{hooks}", `${home}/hooks`));
    // Given twice, a switch is an error to some.
    const isTheirs = (word: string): boolean =>
      word.startsWith("--no-") && agent.args.includes(word);
    const old = resume === undefined ? [] : resumeArgs;
    const resumed = old.map((word) => word.replace("{session}", resume ?? ""));
    const ours = [...firstRunArgs(firstRun), ...hooks.filter((word) => !isTheirs(word))];
    return [program.binary, ...ours, ...agent.args, ...resumed];
  }
  if (program.kind === "self") return [...self, ...program.args, ...agent.args];
  return [...agent.args];
}

/** Whether messages come to it through its extension: its runtime has such a one, and its roster keeps none out. */
export function hasSpool(agent: Agent): boolean {
  return runtimes[agent.runtime].channel === "spool" && !setsReportEnv(agent);
}

function setsReportEnv({ runtime, env }: Agent): boolean {
  return Object.keys(runtimes[runtime].reportEnv).some((name) => name in env);
}

/** All of it or none: one that takes messages without saying what it does would be told wrongly. */
function reportEnv(agent: Agent, home: string): Record<string, string> {
  if (setsReportEnv(agent)) return {};
  const entries = Object.entries(runtimes[agent.runtime].reportEnv);
  return Object.fromEntries(
    entries.map(([name, value]) => [name, value.replace("{hooks}", `${home}/hooks`)]),
  );
}

/** The launch file; secrets are not in it, they stay in the agent's envFile. */
export function renderLaunch({ roster, agent, self, home, resume }: LaunchInput): string {
  const runtime = runtimes[agent.runtime];
  const env = {
    ...runtime.env,
    ...firstRunEnv(runtime.firstRun),
    ...reportEnv(agent, home),
    ...agent.env,
  };
  const variables: Record<string, string | number> = {
    name: agent.name,
    runtime: agent.runtime,
    socket: roster.socket,
    workdir: agent.workdir,
    columns: roster.window.columns,
    rows: roster.window.rows,
    env_file: agent.envFile ?? "",
    install_hint: runtime.installHint,
    settle_ms: runtime.settleMs,
    channel: runtime.channel,
    enter_delay_ms: runtime.enterDelayMs,
    second_enter: runtime.secondEnter ? 1 : 0,
    composer: runtime.composerPattern,
    question: runtime.questionPattern,
    slice: agentsSlice,
    scope_prefix: `mosaic-${agent.name}-`,
    home_format: tmuxFormatLiteral(home),
    stop_seconds: stopSeconds,
    memory_max: agent.limits.memoryMax ?? "",
    cpu_quota: agent.limits.cpuQuota ?? "",
    tasks_max: agent.limits.tasksMax ?? "",
    restart_window_s: Math.ceil(agent.restart.windowMs / 1000),
    restart_backoff_ms: agent.restart.backoffMs,
    restart_backoff_max_ms: agent.restart.backoffMaxMs,
  };
  return [
    "# Written by mosaic from roster.yaml, which is the place to edit.",
    `launch_format=${launchFormat}`,
    ...Object.entries(variables).map(([key, value]) => `${key}=${shellQuote(String(value))}`),
    "launch_env() {",
    "  :",
    ...Object.entries(env).map(([key, value]) => `  export ${key}=${shellQuote(value)}`),
    "}",
    `set -- ${runtimeArgv(agent, { self, home, resume }).map(shellQuote).join(" ")}`,
    "",
  ].join("\n");
}
