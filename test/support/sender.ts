// send-message.sh against panes of one private tmux server, for its tests.
import { canaryArgv, canaryReady, startAgentPane } from "./agent-pane.ts";
import { type CommandOptions, type CommandResult, runCommand } from "./run-command.ts";
import { startTmuxServer, type TmuxServer } from "./tmux-server.ts";

const oddCanary = `${import.meta.dir}/odd-canary.ts`;

/** The script under test. */
export const sendMessageScript = `${import.meta.dir}/../../framework/tools/tmux/send-message.sh`;

/** The part of a result that the tests compare. */
export const outcome = ({ exitCode, stderr }: CommandResult) => ({ exitCode, stderr });

/** The outcome of a message that was proven to be submitted. */
export const submitted = { exitCode: 0, stderr: "" };

export interface SendOptions extends Partial<CommandOptions> {
  /** Further arguments of the script. */
  args?: readonly string[];
}

export interface Sender extends AsyncDisposable {
  server: TmuxServer;
  /** `send-message.sh -L … -t NAME ARGS… < TEXT`. */
  send(name: string, text: string, options?: SendOptions): Promise<CommandResult>;
  /** A canary in a session of its own. */
  canary(name: string, args?: readonly string[], options?: Record<string, string>): Promise<void>;
  /** A canary with a fault of odd-canary.ts. */
  oddCanary(name: string, fault: string, options?: Record<string, string>): Promise<void>;
}

/** A private server; `await using` or the test's afterAll ends it with all in it. */
export async function startSender(socket: string): Promise<Sender> {
  const server = await startTmuxServer(socket);
  await server.tmux("set-option", "-g", "remain-on-exit", "on");
  const pane = (name: string, argv: readonly string[], options: Record<string, string>) =>
    startAgentPane(server, { name, runtime: "canary", argv, options, ready: canaryReady });
  return {
    server,
    send(name, text, { args = [], ...options } = {}) {
      const argv = ["sh", sendMessageScript, "-L", socket, "-t", name, ...args];
      return runCommand(argv, { env: server.env, stdin: text, ...options });
    },
    canary: (name, args = [], options = {}) => pane(name, [...canaryArgv, ...args], options),
    oddCanary: (name, fault, options = {}) =>
      pane(name, [process.execPath, oddCanary, fault], options),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}
