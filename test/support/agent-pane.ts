// A pane that looks to the tools like one that start-agent-session.sh made, without a supervisor around it.
import { runtimes, type RuntimeName } from "../../src/domain/runtimes.ts";
import { eventually } from "./eventually.ts";
import type { CommandResult } from "./run-command.ts";
import type { TmuxServer } from "./tmux-server.ts";

const repository = `${import.meta.dir}/../..`;

/** The canary from source; its further options behind it. */
export const canaryArgv = [process.execPath, `${repository}/src/main.ts`, "canary"];

export interface AgentPaneOptions {
  name: string;
  runtime: RuntimeName;
  /** Default: the canary. */
  argv?: readonly string[];
  /** Session options over those of the runtime; undefined takes one away. */
  options?: Record<string, string | undefined>;
  /** The pane shows this when it can be typed into. */
  ready: RegExp;
  size?: { columns: number; rows: number };
}

/** What the canary's composer looks like when it is empty. */
export const canaryReady = /^›$/m;

/** Makes the session, sets its options and waits until it can be typed into. */
export async function startAgentPane(server: TmuxServer, pane: AgentPaneOptions): Promise<void> {
  const { columns, rows } = pane.size ?? { columns: 120, rows: 40 };
  const size = ["-x", `${columns}`, "-y", `${rows}`];
  const argv = pane.argv ?? canaryArgv;
  await succeed(server.tmux("new-session", "-d", "-s", pane.name, ...size, ...argv));
  const runtime = runtimes[pane.runtime];
  const options = {
    agent: pane.name,
    instance: `0123abc${pane.name.length}`,
    runtime: pane.runtime,
    channel: runtime.channel,
    enter_delay_ms: `${runtime.enterDelayMs}`,
    second_enter: runtime.secondEnter ? "1" : "0",
    composer: runtime.composerPattern,
    question: runtime.questionPattern,
    ...pane.options,
  };
  for (const [key, value] of Object.entries(options)) {
    if (value === undefined) continue;
    await succeed(server.tmux("set-option", "-t", `=${pane.name}:`, `@mosaic_${key}`, value));
  }
  await waitForScreen(server, { name: pane.name, shows: pane.ready });
}

/** What the pane shows, with so many lines of its history, in UTF-8 whatever the locale. */
export async function screenOf(server: TmuxServer, name: string, history = 0): Promise<string> {
  const start = history === 0 ? "0" : `-${history}`;
  return (await server.tmux("-u", "capture-pane", "-p", "-t", `=${name}:`, "-S", start)).stdout;
}

/** Waits until the screen or its history shows this; the first match. */
export async function waitForScreen(
  server: TmuxServer,
  { name, shows }: { name: string; shows: RegExp },
): Promise<RegExpExecArray> {
  return await eventually(
    async () => {
      const screen = await screenOf(server, name, 2000);
      const found = shows.exec(screen);
      if (found === null) throw new Error(`${name} shows:\n${screen.trimEnd()}`);
      return found;
    },
    { what: `${name} to show ${shows}` },
  );
}

/** `tmux send-keys`: a person at the keyboard. */
export async function pressKeys(
  server: TmuxServer,
  name: string,
  ...keys: string[]
): Promise<void> {
  await succeed(server.tmux("send-keys", "-t", `=${name}:`, ...keys));
}

async function succeed(running: Promise<CommandResult>): Promise<void> {
  const { exitCode, stderr } = await running;
  if (exitCode !== 0) throw new Error(`tmux: exit ${exitCode}: ${stderr}`);
}
