// A fleet of the canary and of real agents for messages: what was sent, what the agent got, and what the receipt says.
import { type Rewrite, runtimes } from "../../src/domain/runtimes.ts";
import { answerTo } from "../../src/canary/answer.ts";
import { installAgents } from "./agents.ts";
import { builtinFleet } from "./builtin-fleet.ts";
import { claudeEnv, seedClaudeHome } from "./claude-home.ts";
import { codexEnv, seedCodexHome } from "./codex-home.ts";
import { opencodeEnv, seedOpencodeHome } from "./opencode-home.ts";
import { eventually } from "./eventually.ts";
import { startFakeModelServer } from "./fake-model-server.ts";
import { mosaicBinary } from "./mosaic-binary.ts";
import { piEnv, seedPiHome } from "./pi-home.ts";
import { type CommandResult, runCommand } from "./run-command.ts";
import { sanitized } from "./sanitized.ts";
import { tempHome } from "./temp-home.ts";

/** One message as `--json` tells it. */
export interface SentMessage {
  exitCode: number;
  stderr: string;
  id: string;
  status: string;
  answer: string | null;
  receipts: { status: string; evidence: string; cause: string; at: string }[];
}

export type MessageFleet = Awaited<ReturnType<typeof messageFleet>>;

/** The agents of such a fleet; each is called as its runtime. */
export type MessageAgent = "canary" | "pi" | "claude" | "codex" | "opencode";

/** What it makes of a text; what comes through a spool comes as it is. */
function rewritesOf(agent: MessageAgent): readonly Rewrite[] {
  const { channel, rewrites } = runtimes[agent];
  return channel === "spool" ? [] : rewrites;
}

/** What its model gets of a text, by the table of runtimes. */
function rewritten(agent: MessageAgent, text: string): string {
  const rewrites = rewritesOf(agent);
  const plain = rewrites.includes("nfc") ? sanitized(text).normalize("NFC") : sanitized(text);
  const spaced = rewrites.includes("tabs") ? plain.replaceAll("\t", "    ") : plain;
  return rewrites.includes("end") ? spaced.trimEnd() : spaced;
}

const roster = (env: Readonly<Record<string, string>>) => `
  - { name: canary, runtime: canary, args: [--work-ms, "300"] }
  - { name: asking, runtime: canary, args: [--ask, --witness, witness] }
  - { name: pi, runtime: pi, env: ${JSON.stringify(piEnv)} }
  - { name: claude, runtime: claude, args: [--permission-mode, default], env: ${JSON.stringify(env)} }
  - { name: codex, runtime: codex, args: [--no-alt-screen], env: ${JSON.stringify(codexEnv)} }
  - { name: opencode, runtime: opencode, env: ${JSON.stringify(opencodeEnv)} }`;

/** Started, every agent ready for a message. `await using` ends it. */
export async function messageFleet() {
  const [agents, binary] = await Promise.all([installAgents(), mosaicBinary()]);
  const model = startFakeModelServer();
  const dir = tempHome();
  seedPiHome({ write: (path, ...rest) => dir.write(`home/${path}`, ...rest) }, model);
  seedCodexHome(dir, { model, at: "home/", folder: dir.path });
  seedOpencodeHome(dir, { model, at: "home/" });
  seedClaudeHome(dir, { at: "home/", folder: dir.path });
  const fleet = builtinFleet({
    agents: roster(claudeEnv(model)),
    dir,
    self: [binary],
    env: { PATH: `${agents.path}:/usr/bin:/bin` },
  });
  const run = (words: readonly string[], stdin = ""): Promise<CommandResult> =>
    runCommand([binary, ...words], { env: fleet.env, cwd: dir.path, stdin, timeoutMs: 120_000 });
  const started = await run(["fleet", "start"]);
  if (started.exitCode !== 0) throw new Error(`${started.stdout}${started.stderr}`);

  return {
    fleet,
    model,
    dir,
    run,
    /** `agent send NAME FLAGS…` with the text on standard input. */
    send: async (agent: string, text: string, ...flags: string[]): Promise<SentMessage> =>
      sentOf(await run(["agent", "send", agent, "--json", ...flags], text)),
    /** All messages of an agent, oldest first, as they stand now. */
    async messages(agent: string): Promise<SentMessage[]> {
      const { stdout } = await run(["agent", "messages", agent, "-n", "1000", "--json"]);
      return JSON.parse(stdout).messages;
    },
    /** What became of a message, once that is over. */
    async settled(agent: string, id: string): Promise<SentMessage> {
      const found = await eventually(
        async () => {
          const { stdout } = await run(["agent", "messages", "--id", id, "--json"]);
          const [message]: SentMessage[] = JSON.parse(stdout).messages;
          return message !== undefined && message.status === "answered" ? message : undefined;
        },
        { what: `${agent} to answer ${id}`, timeoutMs: 30_000 },
      );
      if (found === undefined) throw new Error(`${agent} never answered ${id}`);
      return found;
    },
    /** The texts that the agent got under this id: none, one, or too many. */
    got(agent: MessageAgent, message: Pick<SentMessage, "id" | "answer">): string[] {
      // The canary proves by a digest.
      if (agent === "canary") return message.answer === null ? [] : [message.answer];
      return model.requests.flatMap(({ prompt }) => {
        const hasTags = rewritesOf(agent).includes("tags");
        const tags = /\n*<\/?pasted_content[^>]*>\n?/g;
        const bare = hasTags ? prompt.replaceAll(tags, "") : prompt;
        const header = new RegExp(`\\[mosaic ${message.id} from [^\\]]*\\]\\n`).exec(bare);
        if (header === null) return [];
        const front = bare.slice(0, header.index);
        // Of another message, when its runtime joins them.
        const words = front.includes("[mosaic ") ? "" : front.trim();
        const text = `${words}${bare.slice(header.index + header[0].length)}`;
        // The mark at the end is ours (domain/message.ts).
        return [rewritesOf(agent).includes("end") ? text.trimEnd() : text.replace(/ $/, "")];
      });
    },
    /** What it has to have got. */
    wanted(agent: MessageAgent, text: string): string {
      const got = rewritten(agent, text);
      return agent === "canary" ? answerTo(got) : got;
    },
    async wait(agent: string, state = "idle"): Promise<void> {
      const words = ["agent", "wait", agent, "--for", state, "--timeout", "90s"];
      const { exitCode, stderr } = await run(words);
      if (exitCode !== 0) throw new Error(stderr);
    },
    keys: (agent: string, ...keys: string[]) =>
      fleet.tmux("send-keys", "-t", `=${agent}:`, ...keys),
    screen: async (agent: string): Promise<string> =>
      (await fleet.tmux("capture-pane", "-p", "-t", `=${agent}:`)).stdout,
    async [Symbol.asyncDispose]() {
      await fleet[Symbol.asyncDispose]();
      model[Symbol.dispose]();
    },
  };
}

/** What `--json` printed last. */
function sentOf({ exitCode, stdout, stderr }: CommandResult): SentMessage {
  const line = stdout.trim().split("\n").at(-1) ?? "";
  if (!line.startsWith("{")) throw new Error(`exit ${exitCode}: ${stdout}${stderr}`);
  return { exitCode, stderr, ...JSON.parse(line) };
}
