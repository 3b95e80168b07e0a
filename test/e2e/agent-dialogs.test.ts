// The first dialogs of the real agents, on homes that were never used: each is told as waiting with its question, and no
// message answers it. What an answer would do leaves a witness, which a person's keys prove to be one.
// Over 200 lines because every dialog is one of the same fleet.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { type RuntimeName, runtimes } from "../../src/domain/runtimes.ts";
import { installAgents } from "../support/agents.ts";
import { type CanaryFleet, canaryFleet } from "../support/canary-fleet.ts";
import { claudeEnv } from "../support/claude-home.ts";
import { codexEnv, seedCodexHome } from "../support/codex-home.ts";
import { eventually } from "../support/eventually.ts";
import { type FakeModelServer, startFakeModelServer } from "../support/fake-model-server.ts";
import { firstRunJson } from "../support/first-run-files.ts";
import { piEnv, seedPiHome } from "../support/pi-home.ts";
import { tempHome, type TempHome } from "../support/temp-home.ts";

let dir: TempHome;
let model: FakeModelServer;
let fleet: CanaryFleet;

/** Each agent has a home and a folder of its own; what is trusted there touches the witness. */
const at = (name: string, path: string): string => `${name}/${path}`;
const witness = (name: string): string => dir.at(at(name, "witness"));

/** Claude Code's home but for these settings of the table. */
function claudeHome(name: string, without: string): void {
  const facts = { workdir: dir.at(at(name, "work")), apiKey: claudeKey() };
  const values = firstRunJson(runtimes.claude.firstRun, ".claude.json", facts);
  const kept = Object.entries(values).filter(([key]) => key !== without);
  dir.write(at(name, "home/.claude.json"), JSON.stringify(Object.fromEntries(kept)));
  const hook = { type: "command", command: `touch ${witness(name)}` };
  const hooks = { hooks: { SessionStart: [{ hooks: [hook] }] } };
  dir.write(at(name, "work/.claude/settings.json"), JSON.stringify(hooks));
}

const claudeKey = (): string => claudeEnv(model)["ANTHROPIC_API_KEY"] ?? "";

function withoutKey(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(claudeEnv(model)).filter(([name]) => name !== "ANTHROPIC_API_KEY"),
  );
}

function agent(name: string, runtime: RuntimeName, env: Readonly<Record<string, string>>): string {
  const home = dir.at(at(name, "home"));
  dir.write(at(name, "work/.keep"), "");
  dir.write(at(name, "home/.keep"), "");
  const own = { ...env, HOME: home, XDG_CONFIG_HOME: `${home}/.config` };
  const args = runtime === "codex" ? "--no-alt-screen" : "";
  const words = `name: ${name}, runtime: ${runtime}, workdir: ${dir.at(at(name, "work"))}`;
  return `{ ${words}, args: [${args}], env: ${JSON.stringify(own)} }`;
}

beforeAll(async () => {
  const agents = await installAgents();
  dir = tempHome();
  model = startFakeModelServer();
  const roster = [
    agent("claude-new", "claude", claudeEnv(model)),
    agent("claude-trust", "claude", claudeEnv(model)),
    agent("claude-key", "claude", claudeEnv(model)),
    agent("claude-login", "claude", withoutKey()),
    agent("codex-login", "codex", {}),
    agent("codex-trust", "codex", codexEnv),
    agent("pi-trust", "pi", piEnv),
  ];
  claudeHome("claude-trust", "projects");
  claudeHome("claude-key", "customApiKeyResponses");
  claudeHome("claude-login", "customApiKeyResponses");
  seedCodexHome(dir, { model, at: at("codex-trust", "home/"), folder: "/elsewhere" });
  dir.write(at("codex-trust", "work/.git/HEAD"), "ref: refs/heads/main\n");
  seedPiHome({ write: (path, text) => dir.write(at("pi-trust", `home/${path}`), text) }, model);
  const settings = at("pi-trust", "home/.pi/agent/settings.json");
  dir.write(settings, dir.read(settings).replace('"always"', '"ask"'));
  const extension = `import { writeFileSync } from "node:fs";
    export default () => writeFileSync(${JSON.stringify(witness("pi-trust"))}, "");`;
  dir.write(at("pi-trust", "work/.pi/extensions/witness.js"), extension);
  fleet = await canaryFleet(`[${roster.join(", ")}]`, {
    dir,
    env: { PATH: `${agents.path}:/usr/bin:/bin` },
    isWhole: false,
  });
}, 660_000);

afterAll(async () => {
  await fleet[Symbol.asyncDispose]();
  model[Symbol.dispose]();
}, 60_000);

const slowMs = 120_000;

interface Activity {
  activity: string;
  detail: string;
}

async function activityOf(name: string): Promise<Activity | null> {
  const { stdout } = await fleet.run(["agent", "status", name, "--json"]);
  return JSON.parse(stdout).agents[0].activity;
}

/** What it says that it waits for. */
async function questionOf(name: string): Promise<string> {
  await fleet.wait(name, "waiting");
  return (await activityOf(name))?.detail ?? "";
}

async function pidOf(name: string): Promise<number> {
  const { stdout } = await fleet.run(["agent", "status", name, "--json"]);
  return JSON.parse(stdout).agents[0].pid;
}

/** Every way to send is refused, names the question, and leaves the dialog as it was. */
async function isLeftAlone(name: string, question: string): Promise<void> {
  const before = await fleet.screen(name);
  const pid = await pidOf(name);
  for (const [text, ...flags] of [["yes"], ["1", "--when", "now"], ["y", "--when", "now"]]) {
    const sent = await fleet.send(name, text ?? "", ...flags);
    expect([sent.exitCode, sent.status]).toEqual([4, "refused"]);
    expect(sent.receipts.at(-1)).toMatchObject({
      cause: "question",
      evidence: expect.stringContaining(question),
    });
  }
  expect(await pidOf(name)).toBe(pid);
  // The logo of Codex's login moves.
  if (name !== "codex-login") expect(await fleet.screen(name)).toBe(before);
  expect(existsSync(witness(name))).toBe(false);
  expect(model.requests).toEqual([]);
}

test.each([
  ["claude-trust", "Is this a project you created or one you trust?"],
  ["claude-key", "Do you want to use this API key?"],
  ["codex-login", "Choose how you want to use Codex"],
  ["codex-trust", "Trust this folder?"],
  ["pi-trust", "Trust project folder?"],
])(
  "%s waits for a person, says for what, and is answered by no message",
  async (name, question) => {
    expect(await questionOf(name)).toContain(question);
    await isLeftAlone(name, question);
  },
  slowMs,
);

test("none of them has kept an answer", () => {
  const claude = (name: string): string =>
    readFileSync(dir.at(at(name, "home/.claude.json")), "utf8");
  expect(claude("claude-trust")).not.toContain('"hasTrustDialogAccepted":true');
  expect(claude("claude-key")).not.toContain(claudeKey().slice(-20));
  const codex = readFileSync(dir.at(at("codex-trust", "home/.codex/config.toml")), "utf8");
  expect(codex).not.toContain(dir.at(at("codex-trust", "work")));
  expect(existsSync(dir.at(at("codex-login", "home/.codex/auth.json")))).toBe(false);
});

test(
  "the theme dialog of Claude Code is told as well",
  async () => {
    await fleet.wait("claude-login");
    await fleet.keys("claude-login", "-l", "/theme");
    await eventually(async () => (await fleet.screen("claude-login")).includes("❯ /theme"));
    await fleet.keys("claude-login", "Enter");
    expect(await questionOf("claude-login")).toContain("Theme");
    const sent = await fleet.send("claude-login", "2", "--when", "now");
    expect([sent.status, sent.receipts.at(-1)?.cause]).toEqual(["refused", "question"]);
    await fleet.keys("claude-login", "Escape");
    await fleet.wait("claude-login");
  },
  slowMs,
);

test(
  "a Claude Code that is not logged in takes a message, and its receipt says why it has no answer",
  async () => {
    await fleet.wait("claude-login");
    const sent = await fleet.send("claude-login", "hello", "--wait", "answered");
    expect([sent.exitCode, sent.status]).toEqual([1, "failed"]);
    expect(sent.receipts.at(-1)?.evidence).toContain("authentication_failed");
  },
  slowMs,
);

test(
  "a Claude Code that was never set up and has no net does not start, and its last screen says why",
  async () => {
    const why = await eventually(
      async () => {
        const { stdout } = await fleet.run(["agent", "why", "claude-new"]);
        return stdout.includes("Unable to connect") ? stdout : undefined;
      },
      { timeoutMs: 30_000, what: "its last screen" },
    );
    expect(why).toContain("exit 1");
  },
  slowMs,
);

test.each([
  ["claude-trust", ["Down", "Enter"]],
  ["pi-trust", ["Enter"]],
])(
  "the proof that %s asks: a person's keys are an answer, and leave the witness",
  async (name, keys) => {
    await fleet.wait(name, "waiting");
    for (const key of keys) await fleet.keys(name, key);
    await eventually(() => existsSync(witness(name)), { timeoutMs: 30_000, what: "the witness" });
  },
  slowMs,
);
