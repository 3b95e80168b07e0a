// start-agent-session.sh by itself: a home, a tmux server with our own tmux.conf, launch files; no supervisor and no
// mosaic. For the cases in which something goes wrong between two of its lines.
import { mkdirSync, readFileSync } from "node:fs";
import { renderLaunch } from "../../src/domain/launch.ts";
import type { Agent } from "../../src/domain/roster.ts";
import { eventually } from "./eventually.ts";
import { privateEnvironment } from "./private-environment.ts";
import { allPids, environmentOf, isRunning, signal } from "./processes.ts";
import { type CommandResult, runCommand } from "./run-command.ts";
import { tempHome, type TempHome } from "./temp-home.ts";

const framework = `${import.meta.dir}/../../framework`;
const socket = "mosaic-t";

export interface Unit {
  exited: Promise<number>;
  kill(signal: NodeJS.Signals): void;
  /** The first line of its output with this word in it. */
  said(word: string): Promise<string>;
}

export interface ScriptFleet extends AsyncDisposable {
  dir: TempHome;
  /** The folder of agent `one`. */
  agentDir: string;
  /** Starts the unit process of `one`; it ends with the test at the latest. */
  start(): Unit;
  /** Starts it and waits until it is ready. */
  started(): Promise<Unit>;
  /** `start-agent-session.sh --stop one`. */
  stop(): Promise<CommandResult>;
  tmux(...args: string[]): Promise<CommandResult>;
  /** Pid of the pane that the agent was given; 0 when there is none. */
  wrapper(): Promise<number>;
  blackBox(): Record<string, string>;
  /** Everything of this home but the tmux server. */
  processes(): number[];
}

/** A server that says it belongs to `home` (default: this very home), and the launch file of agent `one`. */
export async function scriptFleet(agent: Partial<Agent> = {}, home?: string): Promise<ScriptFleet> {
  const dir = tempHome();
  const env = { ...privateEnvironment(dir.path), MOSAIC_STOP_SECONDS: "1" };
  const config = `${env.HOME}/.config/mosaic`;
  const agentDir = `${env.HOME}/.local/state/mosaic/agents/one`;
  const restart = {
    policy: "never",
    burst: 5,
    windowMs: 900_000,
    backoffMs: 60_000,
    backoffMaxMs: 60_000,
  } as const;
  const whole: Agent = {
    name: "one",
    runtime: "command",
    workdir: "/",
    args: ["cat"],
    env: {},
    limits: {},
    restart,
    ...agent,
  };
  mkdirSync(agentDir, { recursive: true, mode: 0o700 });
  const window = { columns: 80, rows: 24 };
  await Bun.write(
    `${agentDir}/launch.sh`,
    renderLaunch({ roster: { socket, window }, agent: whole, self: [], home: config }),
  );
  const server = Bun.spawn(["tmux", "-L", socket, "-f", `${framework}/fleet/tmux.conf`, "-D"], {
    env: { ...env, MOSAIC_HOME: home ?? config },
    stdio: ["ignore", "ignore", "ignore"],
  });
  const tmux = (...args: string[]) =>
    runCommand(["tmux", "-u", "-N", "-L", socket, ...args], { env });
  await eventually(async () => (await tmux("has-session", "-t", "=_holder")).exitCode === 0, {
    what: "the server",
  });
  const script = `${framework}/tools/fleet/start-agent-session.sh`;
  const start = (): Unit => {
    const log = dir.at(`unit-${crypto.randomUUID()}.log`);
    const unit = Bun.spawn(["sh", script, "one"], {
      env,
      stdio: ["ignore", Bun.file(log), Bun.file(log)],
    });
    const lineWith = (word: string) =>
      readFileSync(log, "utf8")
        .split("\n")
        .find((line) => line.includes(word));
    return {
      exited: unit.exited,
      kill: (name) => unit.kill(name),
      said: async (word) =>
        (await eventually(() => lineWith(word), { what: `the script to say ${word}` })) ?? "",
    };
  };
  const processes = () =>
    allPids().filter(
      (pid) =>
        isRunning(pid) && pid !== server.pid && environmentOf(pid).includes(`HOME=${env.HOME}`),
    );
  return {
    dir,
    agentDir,
    start,
    async started() {
      const unit = start();
      await unit.said("ready");
      return unit;
    },
    stop: () => runCommand(["sh", script, "--stop", "one"], { env }),
    tmux,
    async wrapper() {
      const panes = await tmux(
        "list-panes",
        "-s",
        "-t",
        "=one",
        "-F",
        "#{==:#{pane_id},#{@mosaic_pane}} #{pane_pid}",
      );
      return Number(/^1 (\d+)$/m.exec(panes.stdout)?.[1] ?? 0);
    },
    blackBox() {
      const lines = readFileSync(`${agentDir}/black-box`, "utf8").trim().split("\n");
      return Object.fromEntries(lines.map((line) => [line.split("=")[0], line.split("=")[1]]));
    },
    processes,
    async [Symbol.asyncDispose]() {
      server.kill("SIGKILL");
      await eventually(
        () => {
          const left = processes();
          for (const pid of left) signal(pid, "SIGKILL");
          return left.length === 0;
        },
        { what: "all processes to be gone" },
      );
      dir.remove();
    },
  };
}
