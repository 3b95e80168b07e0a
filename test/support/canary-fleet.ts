// A fleet of canaries, run by the built program: what was sent to them, and what the receipts say.
import { type BuiltinFleet, builtinFleet, type BuiltinFleetOptions } from "./builtin-fleet.ts";
import type { SentMessage } from "./message-fleet.ts";
import { mosaicBinary } from "./mosaic-binary.ts";
import { type CommandOptions, type CommandResult, runCommand } from "./run-command.ts";

export interface CanaryFleet extends AsyncDisposable {
  fleet: BuiltinFleet;
  binary: string;
  /** `mosaic WORDS…`. */
  run(words: readonly string[], options?: CommandOptions): Promise<CommandResult>;
  /** `agent send NAME FLAGS…` with the text on standard input. */
  send(agent: string, text: string, ...flags: string[]): Promise<SentMessage>;
  /** One message as it stands now. */
  message(id: string): Promise<SentMessage>;
  keys(agent: string, ...keys: string[]): Promise<CommandResult>;
  screen(agent: string): Promise<string>;
  /** A session option that send-message.sh reads. */
  option(agent: string, name: string, value: string): Promise<CommandResult>;
  wait(agent: string, state?: string): Promise<void>;
}

/** Started, every agent ready for a message; `agents` as in the roster. `await using` ends it. */
export async function canaryFleet(
  agents: string,
  {
    isWhole = true,
    ...options
  }: Omit<BuiltinFleetOptions, "agents"> & {
    /** false: an agent may fail to start. */
    isWhole?: boolean;
  } = {},
): Promise<CanaryFleet> {
  const binary = await mosaicBinary();
  const fleet = builtinFleet({ agents, self: [binary], ...options });
  const self = fleet.self;
  const run = (words: readonly string[], more: CommandOptions = {}): Promise<CommandResult> =>
    runCommand([...self, ...words], {
      env: fleet.env,
      cwd: fleet.dir.path,
      timeoutMs: 60_000,
      ...more,
    });
  const started = await run(["fleet", "start"]);
  if (isWhole && started.exitCode !== 0) throw new Error(`${started.stdout}${started.stderr}`);
  return {
    fleet,
    binary,
    run,
    async send(agent, text, ...flags) {
      const done = await run(["agent", "send", agent, "--json", ...flags], { stdin: text });
      const { exitCode, stdout, stderr } = done;
      const line = stdout.trim().split("\n").at(-1) ?? "";
      if (!line.startsWith("{")) throw new Error(`exit ${exitCode}: ${stdout}${stderr}`);
      return { exitCode, stderr, ...JSON.parse(line) };
    },
    async message(id) {
      const { stdout, stderr } = await run(["agent", "messages", "--id", id, "--json"]);
      if (stdout === "") throw new Error(stderr);
      return JSON.parse(stdout).messages[0];
    },
    keys: (agent, ...keys) => fleet.tmux("send-keys", "-t", `=${agent}:`, ...keys),
    screen: async (agent) => (await fleet.tmux("capture-pane", "-p", "-t", `=${agent}:`)).stdout,
    option: (agent, name, value) => fleet.tmux("set-option", "-t", `=${agent}:`, name, value),
    async wait(agent, state = "idle") {
      const words = ["agent", "wait", agent, "--for", state, "--timeout", "90s"];
      const { exitCode, stderr } = await run(words);
      if (exitCode !== 0) throw new Error(stderr);
    },
    [Symbol.asyncDispose]: () => fleet[Symbol.asyncDispose](),
  };
}
