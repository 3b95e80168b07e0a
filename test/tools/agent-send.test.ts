// agent-send.sh: the header it writes, whom it names as the sender, and the line it prints. send-message.sh is the
// real one where a pane is needed, and else a stand-in that shows what it was given.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { hostname } from "node:os";
import { answerTo } from "../../src/canary/answer.ts";
import { messageHeader, openEnvelope, trailingMark } from "../../src/domain/message.ts";
import { pressKeys, startAgentPane, waitForScreen } from "../support/agent-pane.ts";
import { type CommandOptions, runCommand } from "../support/run-command.ts";
import { type Sender, sendMessageScript, startSender } from "../support/sender.ts";
import { tempHome, type TempHome } from "../support/temp-home.ts";

const script = sendMessageScript.replace("send-message.sh", "agent-send.sh");

let sender: Sender;
/** agent-send.sh beside a send-message.sh that prints its arguments and its input, and exits as told. */
let standIn: TempHome;
beforeAll(async () => {
  sender = await startSender("mosaic-t-as");
  standIn = tempHome();
  standIn.write("agent-send.sh", await Bun.file(script).text());
  const body = `printf '%s|' "$@" >&2; cat >&2; echo "send-message: why" >&2; exit "\${STATUS:-0}"\n`;
  standIn.write("send-message.sh", body);
});
afterAll(async () => {
  standIn.remove();
  await sender[Symbol.asyncDispose]();
});

/** The environment of a script that runs outside of any pane. */
function outside(): Record<string, string | undefined> {
  return { ...sender.server.env, MOSAIC_AGENT: undefined, MOSAIC_SOCKET: undefined };
}

async function handedOver(args: readonly string[], options: CommandOptions = {}) {
  const argv = ["sh", standIn.at("agent-send.sh"), ...args];
  return await runCommand(argv, { env: outside(), ...options });
}

test("the message is handed over with its header and the space that ends it", async () => {
  const flags = ["-L", "s", "-S", "ops:night", "-i", "id-1", "-T", "7", "--to", "canary-1"];
  expect(await handedOver([...flags, "two\nlines"])).toEqual({
    exitCode: 0,
    stdout: "id=id-1 result=submitted\n",
    stderr: "-L|s|-t|canary-1|-T|7|[mosaic id-1 from ops:night]\ntwo\nlines send-message: why\n",
  });
});

test("the envelope is the one that TypeScript opens", async () => {
  const args = ["-L", "s", "-S", "a:b", "-i", "x1", "canary-1"];
  const { stderr } = await handedOver(args, { stdin: "text\n\n" });
  const written = stderr.split("|").at(-1)?.replace("send-message: why\n", "") ?? "";
  expect(written).toBe(`${messageHeader("x1", "a:b")}\ntext${trailingMark}`);
  expect(openEnvelope(written)).toEqual({ id: "x1", label: "a:b", body: "text" });
});

test.each([
  [["canary-1", "text"], ""],
  [["canary-1"], "text"],
  [["--to", "canary-1", "text"], ""],
  [["--to", "canary-1"], "text\n"],
  [["canary-1", "--", "text"], ""],
])("name and text may come as %j", async (args, stdin) => {
  const { stderr } = await handedOver(["-L", "s", "-S", "a", "-i", "1", ...args], { stdin });
  expect(stderr).toStartWith("-L|s|-t|canary-1|-T|10|[mosaic 1 from a]\ntext send-message");
});

test("a text that starts with - comes behind --", async () => {
  const { stderr } = await handedOver(["-L", "s", "-S", "a", "-i", "1", "canary-1", "--", "-rf"]);
  expect(stderr).toContain("\n-rf ");
});

test("without -i each message has an id of its own", async () => {
  const args = ["-L", "s", "-S", "a", "canary-1", "text"];
  const both = await Promise.all([handedOver(args), handedOver(args)]);
  const lines = both.map(({ stdout }) => stdout);
  for (const line of lines) expect(line).toMatch(/^id=[0-9a-f]{10} result=submitted\n$/);
  expect(new Set(lines).size).toBe(2);
});

test.each([
  [2, "usage"],
  [3, "not-running"],
  [4, "refused"],
  [5, "unproven"],
  [6, "unseen"],
  [75, "busy"],
  [1, "failed"],
])("exit %i of the delivery is passed on as %s", async (status, result) => {
  const env = { ...outside(), STATUS: `${status}` };
  const done = await handedOver(["-L", "s", "-S", "a", "-i", "1", "canary-1", "text"], { env });
  expect([done.exitCode, done.stdout]).toEqual([status, `id=1 result=${result}\n`]);
});

test.each([
  ["ops:night shift", "ops:night shift"],
  ["a]\n!touch pwned\n[b", "a !touch pwned b"],
  [" \t größe\x1b[31m ", "größe31m"],
])("the label %j is one line without brackets", async (label, clean) => {
  const { stderr } = await handedOver(["-L", "s", "-S", label, "-i", "1", "canary-1", "text"]);
  expect(stderr).toContain(`[mosaic 1 from ${clean}]\ntext `);
});

test.each([
  [["-L", "s", "-S", "[]", "a", "x"], "the label is empty"],
  [["-L", "s", "-S", "x".repeat(201), "a", "x"], "the label is longer than 200 bytes"],
  [["-L", "s"], "the agent is missing"],
  [["a", "x"], "-L SOCKET is missing"],
  [["-L", "s", "a", " \n"], "the message is empty"],
  [["-L", "s", "a"], "the message is empty"],
  [["-L", "s", "a", "two", "words"], "more than one TEXT: quote it"],
  [["-L", "s", "-i", "a]b", "a", "x"], "not an id: a]b"],
  [["-L", "s", "-z", "a", "x"], "unknown option -z"],
  [["a", "x", "-L"], "-L needs a value"],
])("wrong usage is exit 2: %j", async (args, message) => {
  expect(await handedOver(args)).toEqual({
    exitCode: 2,
    stdout: "",
    stderr: `agent-send: ${message}; see --help\n`,
  });
});

test("outside of any pane the sender is the operator of this host", async () => {
  const { stderr } = await handedOver(["-L", sender.server.socket, "-i", "1", "canary-1", "text"]);
  expect(stderr).toContain(`[mosaic 1 from ${hostname()}:operator]`);
});

test("an agent's children are known by their environment, and use the socket of their fleet", async () => {
  const env = { ...outside(), MOSAIC_AGENT: "lead", MOSAIC_SOCKET: "fleet" };
  const { stderr } = await handedOver(["-i", "1", "canary-1", "text"], { env });
  expect(stderr).toStartWith(`-L|fleet|-t|canary-1|-T|10|[mosaic 1 from ${hostname()}:lead]`);
});

test("inside a pane the sender is that pane's agent, whichever session was used last", async () => {
  const { server } = sender;
  const pane = {
    runtime: "command",
    argv: ["env", "PS1=$ ", "bash", "--norc"],
    ready: /^\$$/m,
  } as const;
  await startAgentPane(server, { name: "writer", ...pane });
  await startAgentPane(server, { name: "other", ...pane });
  const command = `sh ${standIn.at("agent-send.sh")} -L ${server.socket} -i 1 canary-1 hello`;
  await pressKeys(server, "writer", command, "Enter");
  await waitForScreen(server, {
    name: "writer",
    shows: new RegExp(`\\[mosaic 1 from ${hostname()}:writer\\]`),
  });
  // -S wins even there.
  await pressKeys(server, "other", `${command} -S lane:7`, "Enter");
  await waitForScreen(server, { name: "other", shows: /\[mosaic 1 from lane:7\]/ });
});

test("a canary counts the text alone", async () => {
  await sender.canary("canary-1");
  const text = "status check @file";
  const args = ["-L", sender.server.socket, "-S", "a:b", "canary-1"];
  const { exitCode } = await runCommand(["sh", script, ...args], {
    env: sender.server.env,
    stdin: text,
  });
  expect(exitCode).toBe(0);
  const { 0: answer } = await waitForScreen(sender.server, {
    name: "canary-1",
    shows: /canary: .*@file/,
  });
  expect(answer).toBe(answerTo(text));
});
