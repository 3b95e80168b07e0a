// The hooks that mosaic runs, with real shells, through main() as an entry of settings.json calls it.
import { expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { exec } from "../../src/adapters/exec.ts";
import { processes } from "../../src/adapters/processes.ts";
import { claudeEvents } from "../../src/domain/claude-home.ts";
import { defaultHooksConfig, parseHooksConfig } from "../../src/domain/hooks-config.ts";
import { mergeAnswers } from "../../src/domain/hook-output.ts";
import { isSecretFile } from "../../src/domain/secret-files.ts";
import { main } from "../../src/main.ts";
import { fakeContext } from "../support/fake-context.ts";

interface Ran {
  exitCode: number;
  stdout: string;
  stderr: string;
  log: string;
}

interface Run {
  config: unknown;
  event?: string;
  payload?: unknown;
  env?: Record<string, string>;
}

async function run({ config, event = "PreToolUse", payload = {}, env = {} }: Run): Promise<Ran> {
  const stdin = typeof payload === "string" ? payload : JSON.stringify(payload);
  using fake = fakeContext({ stdin, env });
  const text = typeof config === "string" ? config : JSON.stringify(config);
  fake.home.write(".claude/hooks-config.json", text);
  const ctx = { ...fake, paths: fake.paths, exec, processes };
  const exitCode = await main(["hook", "run", event, "--claude"], ctx);
  const log = ".local/state/mosaic/log/hooks.log";
  const faults = existsSync(fake.home.at(log)) ? fake.home.read(log) : "";
  return { exitCode, stdout: fake.stdout, stderr: fake.stderr, log: faults };
}

const hook = (command: string, more: object = {}) => ({
  id: `h${command.length}`,
  events: ["PreToolUse"],
  command,
  ...more,
});

const config = (...hooks: object[]) => ({ version: 1, events: {}, hooks });

test("the file that a site starts with is valid, and reports alone are on", () => {
  const { config: read, faults } = parseHooksConfig(defaultHooksConfig());
  expect(faults).toEqual([]);
  expect(read.hooks.map(({ id, isEnabled }) => [id, isEnabled])).toEqual([
    ["state", true],
    ["secrets-guard", false],
    ["session-log", false],
  ]);
});

test.each([
  ["cat; exit 0", { exitCode: 0, stdout: '{"tool_name":"Bash"}', stderr: "" }],
  ["echo no >&2; exit 2", { exitCode: 2, stdout: "", stderr: "no\n" }],
  ["echo odd >&2; exit 7", { exitCode: 7, stdout: "", stderr: "odd\n" }],
  [
    "kill -9 $$",
    {
      exitCode: 1,
      stdout: "",
      stderr: expect.stringMatching(/^the hook h\d+ was ended by SIGKILL\n$/),
    },
  ],
  ["/no/such/program 2>/dev/null", { exitCode: 127, stdout: "", stderr: "" }],
])("one hook is passed on as it answers: %s", async (command, expected) => {
  const ran = await run({ config: config(hook(command)), payload: { tool_name: "Bash" } });
  expect(ran).toEqual({ ...expected, log: "" });
});

test("one that takes too long is ended with its children, and blocks nothing", async () => {
  const ran = await run({ config: config(hook("sleep 300 & sleep 301; wait", { timeout: 0.3 })) });
  const words = expect.stringMatching(/^the hook h\d+ gave no answer within 0.3 s\n$/);
  expect([ran.exitCode, ran.stderr]).toEqual([1, words]);
});

test("off, another event, another tool: nothing runs", async () => {
  const hooks = [
    hook("echo 1", { enabled: false }),
    hook("echo 22", { events: ["Stop"] }),
    hook("echo 333", { matcher: "Edit|Write" }),
  ];
  const ran = await run({ config: config(...hooks), payload: { tool_name: "Bash" } });
  expect(ran).toEqual({ exitCode: 0, stdout: "", stderr: "", log: "" });
  const off = { version: 1, events: { PreToolUse: false }, hooks: [hook("echo 1")] };
  expect((await run({ config: off })).stdout).toBe("");
});

test.each<[string, Run, RegExp]>([
  ["a damaged file", { config: "{" }, /hooks-config.json: not valid JSON/],
  ["a newer file", { config: { version: 9, hooks: [] } }, /version 9 is of a newer mosaic/],
  ["an event that is no JSON", { config: config(hook("exit 2")), payload: "{" }, /JSON/],
  [
    "an event that is no object",
    { config: config(hook("exit 2")), payload: "3" },
    /no JSON object/,
  ],
  ["a relative CLAUDE_HOME", { config: config(), env: { CLAUDE_HOME: "x" } }, /absolute/],
])("a fault of ours, such as %s, is exit 0 and a line in the log", async (_, what, line) => {
  const { log, ...told } = await run(what);
  expect(told).toEqual({ exitCode: 0, stdout: "", stderr: "" });
  expect(log).toMatch(line);
});

test("without HOME, and without any file, it ends well and says nothing", async () => {
  using ctx = fakeContext({ env: { HOME: undefined } });
  expect(await main(["hook", "run", "Stop", "--claude"], ctx)).toBe(0);
  using other = fakeContext();
  expect(await main(["hook", "run", "Stop", "--claude"], other)).toBe(0);
  expect([ctx.stderr, other.stderr]).toEqual(["", ""]);
});

test("a session that is no agent of a fleet reports nothing", async () => {
  using ctx = fakeContext();
  ctx.home.write(".claude/hooks-config.json", defaultHooksConfig());
  for (const event of claudeEvents) {
    expect(await main(["hook", "run", event, "--claude"], ctx)).toBe(0);
  }
  expect(existsSync(ctx.home.at(".local/state/mosaic"))).toBe(false);
});

test("two hooks: the one that blocks counts, whatever the other says", async () => {
  const ran = await run({
    config: config(hook('echo \'{"decision":"approve"}\''), hook("echo stop >&2; exit 2")),
  });
  expect([ran.exitCode, ran.stdout, ran.stderr]).toEqual([2, "", "stop\n"]);
});

function said(id: string, stdout: string) {
  return { id, exitCode: 0, stdout, stderr: "" };
}

function decide(permissionDecision: string, permissionDecisionReason: string) {
  const decision = { hookEventName: "PreToolUse", permissionDecision, permissionDecisionReason };
  return { hookSpecificOutput: decision };
}

test("of several answers in JSON the stricter word counts, and texts are joined", () => {
  const merged = mergeAnswers(
    [
      said("a", JSON.stringify(decide("deny", "no"))),
      said("b", JSON.stringify({ ...decide("allow", "yes"), systemMessage: "one" })),
      said("c", JSON.stringify({ continue: false, systemMessage: "two" })),
      { id: "d", exitCode: 1, stdout: "", stderr: "broken" },
    ],
    "PreToolUse",
  );
  expect([merged.exitCode, merged.stderr, JSON.parse(merged.stdout)]).toEqual([
    0,
    "",
    { ...decide("deny", "no"), continue: false, systemMessage: "one\ntwo\nd: broken" },
  ]);
});

test("plain words of several hooks are all context for a prompt", () => {
  expect(mergeAnswers([said("a", "one"), said("b", "two\n")], "UserPromptSubmit").stdout).toBe(
    "one\ntwo\n",
  );
  const mixed = mergeAnswers(
    [said("a", "one"), said("b", '{"systemMessage":"hi"}')],
    "SessionStart",
  );
  expect(JSON.parse(mixed.stdout)).toEqual({
    systemMessage: "hi",
    hookSpecificOutput: { hookEventName: "SessionStart", additionalContext: "one" },
  });
});

test.each([
  [".env", true],
  ["/srv/app/.env.production", true],
  ["../x/../.env", true],
  ["/home/u/.ssh/config", true],
  ["/home/u/.ssh/id_ed25519", true],
  ["/home/u/.ssh/id_ed25519.pub", false],
  ["/srv/app/.env.example", false],
  ["/srv/tls/server.KEY", true],
  ["src/environment.ts", false],
  ["src/keys.ts", false],
  ["docs/secrets.md", false],
])("the guard on %s: %s", (path, expected) => {
  expect(isSecretFile(path, "/srv/project")).toBe(expected);
});

test("the session log keeps who and what kind, and no text", async () => {
  using ctx = fakeContext({
    stdin: JSON.stringify({ session_id: "s", cwd: "/w", prompt: "my password is hunter2" }),
  });
  const text = defaultHooksConfig().replaceAll('"enabled": false', '"enabled": true');
  ctx.home.write(".claude/hooks-config.json", text);
  await main(["hook", "run", "UserPromptSubmit", "--claude"], ctx);
  const log = ctx.home.read(".local/state/mosaic/log/claude-sessions.jsonl");
  expect(JSON.parse(log)).toMatchObject({ session: "s", cwd: "/w", event: "UserPromptSubmit" });
  expect(log).not.toContain("hunter2");
});
