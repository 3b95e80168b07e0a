// A real Claude Code in a real terminal, against the fake model server: what mosaic's hooks do to a session that runs.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { existsSync, linkSync, readFileSync, rmSync } from "node:fs";
import { installAgents } from "../support/agents.ts";
import { pressKeys, screenOf } from "../support/agent-pane.ts";
import { claudeEnv, seedClaudeHome } from "../support/claude-home.ts";
import { eventually } from "../support/eventually.ts";
import { startFakeModelServer, type FakeModelServer } from "../support/fake-model-server.ts";
import { mosaicBinary } from "../support/mosaic-binary.ts";
import { isRunning } from "../support/processes.ts";
import { outputOf } from "../support/run-command.ts";
import { tempHome, type TempHome } from "../support/temp-home.ts";
import { startTmuxServer, type TmuxServer } from "../support/tmux-server.ts";

let model: FakeModelServer;
let home: TempHome;
let server: TmuxServer;
let binary: string;
let env: Record<string, string>;

const slowMs = 120_000;

/** A hook of the site: keeps the prompts that it sees. */
const witness = {
  id: "witness",
  events: ["UserPromptSubmit"],
  command: 'cat >> "$HOME/witness"; echo >> "$HOME/witness"',
  enabled: true,
};

beforeAll(async () => {
  const [agents, built] = await Promise.all([installAgents(), mosaicBinary()]);
  model = startFakeModelServer();
  home = tempHome();
  // One that can be deleted; its own name, as an installation would have.
  binary = home.at("mosaic");
  linkSync(built, binary);
  seedClaudeHome(home, { at: "", folder: home.path });
  env = { HOME: home.path, PATH: `${agents.path}:/usr/bin:/bin`, ...claudeEnv(model) };
  await mosaic("config", "hooks", "repair");
  const file = home.at(".claude/hooks-config.json");
  const config = JSON.parse(readFileSync(file, "utf8"));
  config.hooks.push(witness);
  home.write(".claude/hooks-config.json", JSON.stringify(config, null, 2));
  server = await startTmuxServer();
  const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`);
  const claude = ["env", "-i", "TERM=xterm-256color", "LANG=C.UTF-8", ...variables, "claude"];
  const size = ["-x", "150", "-y", "50"];
  const flags = ["--permission-mode", "acceptEdits"];
  const made = ["new-session", "-d", "-s", "claude", ...size, "-c", home.path, ...claude, ...flags];
  await server.tmux(...made);
  await eventually(async () => (await screen()).includes("❯"), {
    what: "claude",
    timeoutMs: 30_000,
  });
}, 660_000);

afterAll(async () => {
  const pid = Number(
    (await server?.tmux("display-message", "-p", "-t", "=claude:", "#{pane_pid}"))?.stdout,
  );
  await server?.[Symbol.asyncDispose]();
  // It writes into its home to the end.
  if (pid > 0)
    await eventually(() => !isRunning(pid), { what: "the end of claude", timeoutMs: 20_000 });
  model?.[Symbol.dispose]();
  home?.remove();
}, 30_000);

const mosaic = (...words: string[]) => outputOf([binary, ...words], { env });

const screen = () => screenOf(server, "claude");

const seen = () => (existsSync(home.at("witness")) ? home.read("witness") : "");

/** Types a prompt, and waits until the model has answered it and the composer is back. */
async function prompt(text: string): Promise<void> {
  const before = model.requests.length;
  await pressKeys(server, "claude", "-l", text);
  await eventually(async () => (await screen()).includes(text.slice(-25)));
  await pressKeys(server, "claude", "Enter");
  await eventually(() => model.requests.length > before, { what: text, timeoutMs: 20_000 });
  await eventually(async () => /^─.*\n❯\s*$/m.test(await screen()) && !(await isWorking()), {
    what: `the end of: ${text}`,
    timeoutMs: 20_000,
  });
}

const write = (name: string) => `[[tool=Write {"content":"KEY=1","file_path":"${home.at(name)}"}]]`;

const isWorking = async () => (await screen()).includes("esc to interrupt");

test(
  "one running session: a hook that is on runs, one that is off does not, and on again it does",
  async () => {
    await prompt("the first prompt");
    expect(seen()).toContain("the first prompt");
    await mosaic("config", "hooks", "disable", "witness");
    await prompt("the second prompt");
    await mosaic("config", "hooks", "enable", "witness");
    await prompt("the third prompt");
    await mosaic("config", "hooks", "disable", "UserPromptSubmit");
    await prompt("the fourth prompt");
    const prompts = ["first", "second", "third", "fourth"].filter((word) =>
      seen().includes(`the ${word} prompt`),
    );
    expect(prompts).toEqual(["first", "third"]);
  },
  slowMs,
);

test(
  "the same session: the guard keeps a secret from being written, and lets it once it is off",
  async () => {
    await mosaic("config", "hooks", "enable", "secrets-guard");
    await prompt(write(".env"));
    expect(await screen()).toContain("this site has its guard on");
    await prompt(write("notes.txt"));
    await mosaic("config", "hooks", "disable", "secrets-guard");
    await prompt(write("other.env"));
    const written = [".env", "notes.txt", "other.env"].filter((name) => existsSync(home.at(name)));
    expect(written).toEqual(["notes.txt", "other.env"]);
  },
  slowMs,
);

test(
  "the same session goes on when the binary is gone, without a word of it",
  async () => {
    rmSync(binary);
    await prompt("after mosaic");
    const [, since = ""] = (await screen()).split("❯ after mosaic");
    expect(since).toMatch(/ACK \d/);
    expect(since).not.toMatch(/hook|not found/i);
  },
  slowMs,
);

test("what mosaic did to settings.json is still there: no session has dropped it", () => {
  const settings = JSON.parse(home.read(".claude/settings.json"));
  expect(JSON.stringify(settings.hooks.Stop)).toContain("hook run Stop --claude");
});
