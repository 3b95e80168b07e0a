// send-message.sh: wrong usage, help, and a socket without a server.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { runCommand } from "../support/run-command.ts";
import { outcome, sendMessageScript, type Sender, startSender } from "../support/sender.ts";
import { tempHome } from "../support/temp-home.ts";

let sender: Sender;
beforeAll(async () => {
  sender = await startSender("mosaic-t-sm-usage");
});
afterAll(async () => {
  await sender[Symbol.asyncDispose]();
});

test("no server is exit 3, and none is started", async () => {
  using dir = tempHome();
  const env = { ...sender.server.env, TMUX_TMPDIR: dir.path };
  expect(outcome(await sender.send("canary-1", "hello", { env }))).toEqual({
    exitCode: 3,
    stderr: `send-message: no tmux server on socket ${sender.server.socket}\n`,
  });
  expect(
    (await runCommand(["tmux", "-N", "-L", sender.server.socket, "ls"], { env })).exitCode,
  ).toBe(1);
});

test.each([
  [["-L", "s"], "not the name of an agent: "],
  [["-t", "a"], "-L SOCKET is missing; see --help"],
  [["-L", "/tmp/s", "-t", "a"], "not a socket name: /tmp/s"],
  [["-L", "s", "-t", "a.b"], "not the name of an agent: a.b"],
  [["-L", "s", "-t", "-x"], "not the name of an agent: -x"],
  [["-L", "s", "-t", "$(id)"], "not the name of an agent: $(id)"],
  [["-L", "s", "-t", "a", "-T", "x"], "-T takes whole seconds from 1: x"],
  [["-L", "s", "-t", "a", "text"], "unexpected word: text; the text is read from standard input"],
  [["-L", "s", "-t", "a", "-z"], "unknown option -z; see --help"],
  [["-L", "s", "-t", "a"], "the text is empty"],
])("wrong usage is exit 2: %j", async (args, message) => {
  const argv = ["sh", sendMessageScript, ...args];
  const result = await runCommand(argv, { env: sender.server.env, stdin: " \n\x1b\n" });
  expect(outcome(result)).toEqual({ exitCode: 2, stderr: `send-message: ${message}\n` });
});

test("--help says it all on standard output", async () => {
  const { exitCode, stdout } = await runCommand(["sh", sendMessageScript, "--help"]);
  expect(exitCode).toBe(0);
  expect(stdout).toStartWith("usage: send-message.sh -L SOCKET -t SESSION");
});
