// `mosaic agent send`: where the text and the label come from, and what each end of the delivery becomes.
import { expect, test } from "bun:test";
import { main } from "../../src/main.ts";
import { rest } from "../support/fake-exec.ts";
import { fakeContext, type FakeContextOptions } from "../support/fake-context.ts";

const roster = `version: 1
socket: mosaic-t
supervisor: builtin
agents:
  - { name: canary-1, runtime: canary, workdir: ~/ }
`;

function withRoster(options: FakeContextOptions = {}) {
  const ctx = fakeContext(options);
  ctx.home.write(".config/mosaic/fleet/roster.yaml", roster);
  // Its pane tells nothing: agent-send.sh has the last word.
  ctx.allowExec(["tmux", rest], { exitCode: 1, stderr: "no server running on socket" });
  return ctx;
}

const script = ".config/mosaic/tools/tmux/agent-send.sh";

function delivery(ctx: ReturnType<typeof withRoster>, label = "test-host:operator") {
  const permit = ctx.home.at(".local/state/mosaic/agents/canary-1/typing/0000000001.00000002");
  const to = ["-i", "0000000001", "-P", permit, "--to", "canary-1"];
  const flags = ["-L", "mosaic-t", "-S", label, ...to];
  return ["sh", ctx.home.at(script), ...flags];
}

test("the message goes to agent-send.sh on standard input, from the operator of this host", async () => {
  using ctx = withRoster();
  let stdin: unknown;
  ctx.expectExec(delivery(ctx), ({ options }) => {
    stdin = options.stdin;
    return { stdout: "id=0000000001 result=submitted\n" };
  });
  expect(await main(["agent", "send", "canary-1", "--message", "status; check\n"], ctx)).toBe(0);
  expect(stdin).toBe("status; check\n");
  expect(ctx.stdout).toMatch(/^canary-1: submitted 0000000001 in \d+ ms\n$/);
  ctx.done();
});

test.each([
  ["a file", ["--file", "FILE"], "from a file"],
  ["standard input", [], "from stdin"],
  ["standard input, by name", ["--file", "-"], "from stdin"],
])("the message is read from %s", async (_, args, text) => {
  using ctx = withRoster({ stdin: "from stdin" });
  const file = ctx.home.write("message.txt", "from a file");
  let stdin: unknown;
  ctx.expectExec(delivery(ctx), ({ options }) => {
    stdin = options.stdin;
    return {};
  });
  const words = args.map((word) => (word === "FILE" ? file : word));
  expect(await main(["agent", "send", "canary-1", ...words], ctx)).toBe(0);
  expect(stdin).toBe(text);
  ctx.done();
});

test.each([
  ["--source-label", "ops:night", "ops:night"],
  ["--source", " a[b]\nc ", "ab c"],
])("%s names another source: %j", async (flag, label, clean) => {
  using ctx = withRoster();
  ctx.expectExec(delivery(ctx, clean));
  expect(await main(["agent", "send", "canary-1", "-m", "hello", flag, label], ctx)).toBe(0);
  ctx.done();
});

test("--json is the message with its receipts", async () => {
  using ctx = withRoster();
  ctx.expectExec(delivery(ctx));
  expect(await main(["agent", "send", "canary-1", "-m", "hello", "--json"], ctx)).toBe(0);
  const at = expect.stringMatching(/^\d{4}-.*Z$/);
  const evidence = "seen in the composer, and seen to leave it";
  expect(JSON.parse(ctx.stdout)).toEqual({
    schemaVersion: 1,
    agent: "canary-1",
    label: "test-host:operator",
    id: "0000000001",
    key: null,
    status: "submitted",
    reason: evidence,
    answer: null,
    createdAt: at,
    expiresAt: at,
    receipts: [
      { status: "queued", source: "sender", evidence: "from test-host:operator", cause: "", at },
      { status: "submitted", source: "screen", evidence, cause: "submitted", at },
    ],
  });
});

test.each([
  [{ exitCode: 3, stderr: "send-message: no session\n" }, 3, "refused", "fleet start canary-1"],
  [{ exitCode: 4, stderr: "send-message: a draft\n" }, 4, "refused", "agent attach canary-1"],
  [{ exitCode: 5, stderr: "send-message: stands\n" }, 5, "typed", "agent tail canary-1"],
  [{ exitCode: 6, stderr: "send-message: never\n" }, 5, "typed", "agent tail canary-1"],
  [{ exitCode: 75, stderr: "send-message: another\n" }, 75, "refused", "try again"],
  [{ exitCode: 2, stderr: "agent-send: not an id\n" }, 1, "failed", "mosaic doctor"],
  [{ exitCode: 127, stderr: "" }, 1, "failed", "mosaic doctor"],
  [{ signal: "SIGKILL", timedOut: true, stderr: "" }, 5, "typed", "agent tail canary-1"],
])("an end of the delivery is told: %j", async (answer, exitCode, status, hint) => {
  using ctx = withRoster();
  ctx.expectExec(delivery(ctx), answer);
  expect(await main(["agent", "send", "canary-1", "-m", "hello", "--json"], ctx)).toBe(exitCode);
  expect(JSON.parse(ctx.stdout).status).toBe(status);
  expect(ctx.stderr).toContain(hint);
  expect(ctx.stderr).toContain(answer.stderr.replace(/^.*: /, ": ").trim());
  ctx.done();
});

test.each([
  [["-m", "  \n"], "the message is empty"],
  [["-m", "a", "--file", "b"], "a message and --file exclude each other"],
  [["--file", "/nowhere/message.txt"], "there is no file /nowhere/message.txt"],
  [["-m", "a", "--source", " [] "], 'not a source label of 1 to 200 bytes: ""'],
  [[], "there is no message"],
  [["-m", "a", "--when", "soon"], "--when takes idle or now"],
  [["-m", "a", "--when", "idle", "--now"], "--now is --when now: not together with --when idle"],
])("wrong usage is exit 2 and types nothing: %j", async (args, message) => {
  using ctx = withRoster({ io: { stdinIsTty: true } });
  expect(await main(["agent", "send", "canary-1", ...args], ctx)).toBe(2);
  expect(ctx.stderr).toContain(`mosaic: ${message}\n`);
  ctx.done();
});

test("an agent that the roster has not is exit 2", async () => {
  using ctx = withRoster();
  expect(await main(["agent", "send", "canary-2", "-m", "hello"], ctx)).toBe(2);
  expect(ctx.stderr).toContain("did you mean canary-1?");
  ctx.done();
});

test.each([
  [[], "test-host:lead"],
  [["--source-label", "ops:night"], "ops:night via test-host:lead"],
  [["--source-label", "test-host:operator"], "test-host:operator via test-host:lead"],
  [["--source-label", "test-host:lead"], "test-host:lead"],
])("an agent is named in what it sends, whatever it calls itself: %j", async (flags, label) => {
  using ctx = withRoster({ env: { MOSAIC_AGENT: "lead" } });
  ctx.expectExec(delivery(ctx, label));
  expect(await main(["agent", "send", "canary-1", "-m", "hello", ...flags], ctx)).toBe(0);
  ctx.done();
});

test("Ctrl-C while a question is typed lets that go on, and leaves the rest to the background", async () => {
  using ctx = withRoster();
  ctx.expectExec(delivery(ctx), ({ options }) => {
    // Else the terminal's Ctrl-C would reach the script too.
    expect(options.isDetached).toBe(true);
    ctx.raise("SIGINT");
    return {};
  });
  ctx.expectSpawn([/mosaic$/, "agent", "deliver", "canary-1"]);
  expect(await main(["agent", "ask", "canary-1", "hello"], ctx)).toBe(130);
  expect(ctx.stderr).toContain("message 0000000001 to canary-1 is submitted, and goes on");
  ctx.done();
});

test("a second Ctrl-C leaves it at once, and says that it is being typed", async () => {
  using ctx = withRoster();
  const { promise: never } = Promise.withResolvers<object>();
  ctx.expectExec(delivery(ctx), async () => {
    ctx.raise("SIGINT");
    await Bun.sleep(0);
    ctx.raise("SIGINT");
    return await never;
  });
  ctx.expectSpawn([/mosaic$/, "agent", "deliver", "canary-1"]);
  expect(await main(["agent", "ask", "canary-1", "hello"], ctx)).toBe(130);
  expect(ctx.stderr).toContain("Ctrl-C leaves it");
  expect(ctx.stderr).toContain("is being typed, and goes on");
  ctx.done();
});

test.each([
  ["canary-2", 2, "did you mean canary-1?"],
  ["canary-1", 0, ""],
])("the messages of %s, of which there are none: exit %i", async (name, exitCode, words) => {
  using ctx = withRoster();
  expect(await main(["agent", "messages", name], ctx)).toBe(exitCode);
  expect(ctx.stderr).toContain(words);
  ctx.done();
});

test("what a program that reads lines got is told as what it is: an echo of its terminal", async () => {
  using ctx = withRoster();
  ctx.home.write(
    ".config/mosaic/fleet/roster.yaml",
    roster.replace("runtime: canary", "runtime: command, args: [sleep, 1d]"),
  );
  ctx.allowExec(["sh", rest]);
  expect(await main(["agent", "send", "canary-1", "-m", "hello", "--json"], ctx)).toBe(0);
  expect(JSON.parse(ctx.stdout).reason).toBe(
    "echoed by the terminal; whether the program has read it is not known",
  );
});
