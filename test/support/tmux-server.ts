// A tmux server on a private socket, for tests; and how a server that somebody else started is ended for sure.
import { mkdirSync } from "node:fs";
import { eventually } from "./eventually.ts";
import { isRunning } from "./processes.ts";
import { type CommandResult, runCommand } from "./run-command.ts";
import { tempHome } from "./temp-home.ts";

type Environment = Readonly<Record<string, string | undefined>>;

export interface TmuxServer extends AsyncDisposable {
  /** For `tmux -L`. */
  socket: string;
  /** The environment with the private TMUX_TMPDIR, in which `socket` means this server. */
  env: Environment;
  /** `tmux -L socket ARGS…`, not checked for success. */
  tmux: (...args: string[]) => Promise<CommandResult>;
}

/**
 * A private server with one session, `main`, that runs `cat`; no configuration of the user is read. `await using`
 * ends it and waits until it is gone.
 */
export async function startTmuxServer(socket = "mosaic-t"): Promise<TmuxServer> {
  const dir = tempHome();
  const env = privateTmuxEnvironment(dir.path);
  const tmux = (...args: string[]) =>
    runCommand(["tmux", "-L", socket, "-f", "/dev/null", ...args], { env });
  const made = await tmux("new-session", "-d", "-s", "main", "-x", "200", "-y", "50", "cat");
  if (made.exitCode !== 0) {
    dir[Symbol.dispose]();
    throw new Error(`no private tmux server: ${made.stderr}`);
  }
  return {
    socket,
    env,
    tmux,
    [Symbol.asyncDispose]: async () => {
      await endTmuxServer(socket, env);
      dir[Symbol.dispose]();
    },
  };
}

/** The test's environment, with `tmux` sockets below `dir` and without the traces of a pane that we may run in. */
export function privateTmuxEnvironment(dir: string): Environment {
  const tmuxDir = `${dir}/tmux`;
  mkdirSync(tmuxDir, { recursive: true, mode: 0o700 });
  // A shell in a pane must not write its history into the home of whoever runs the suite.
  const shell = { HISTFILE: "/dev/null" };
  return { ...process.env, ...shell, TMUX: undefined, TMUX_PANE: undefined, TMUX_TMPDIR: tmuxDir };
}

/**
 * Ends the server behind a socket and waits until its process is gone: `kill-server` returns earlier, and a new
 * session would then land on the dying server. Nothing there is success.
 */
export async function endTmuxServer(socket: string, env: Environment): Promise<void> {
  const tmux = (...args: string[]) => runCommand(["tmux", "-L", socket, ...args], { env });
  const pid = Number((await tmux("list-sessions", "-F", "#{pid}")).stdout.split("\n")[0]);
  await tmux("kill-server");
  if (pid > 0) await eventually(() => !isRunning(pid), { what: `tmux server ${pid} to be gone` });
}

/** What `tmux list-sessions` says on the server that the user of this environment gets by default. */
export async function defaultTmuxSessions(env: Environment = process.env): Promise<string> {
  const { stdout, stderr, exitCode } = await runCommand(["tmux", "list-sessions"], { env });
  return `${stdout}${stderr}exit ${exitCode}\n`;
}
