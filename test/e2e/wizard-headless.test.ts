// The same plan without a person: what is complete is applied, and what is not leaves no file behind, whatever is wrong.
// Over 200 lines because every fault of such a run stands here, with the one way to run it.
import { expect, test } from "bun:test";
import { mkdirSync, readdirSync, readFileSync, statSync } from "node:fs";
import { mosaicBinary } from "../support/mosaic-binary.ts";
import { type CommandResult, runCommand } from "../support/run-command.ts";
import { tempHome, type TempHome } from "../support/temp-home.ts";

interface Headless {
  env?: Record<string, string | undefined>;
  words?: readonly string[];
  /** A folder that is read-only while it runs. */
  readOnly?: string;
}

async function run(
  home: TempHome,
  { env = {}, words = [], readOnly }: Headless,
): Promise<CommandResult> {
  const argv = [await mosaicBinary(), "wizard", ...words];
  const mount = 'mount --bind "$0" "$0" && mount -o remount,bind,ro "$0" && exec "$@"';
  const whole =
    readOnly === undefined ? argv : ["unshare", "-m", "sh", "-c", mount, readOnly, ...argv];
  const usual = {
    HOME: home.path,
    PATH: "/usr/bin:/bin:/usr/sbin:/sbin",
    XDG_RUNTIME_DIR: home.at("run"),
  };
  return await runCommand(whole, { env: { ...usual, ...env }, cwd: "/" });
}

/** Every file below a home. */
function filesOf(home: TempHome): string[] {
  return readdirSync(home.path, { recursive: true }).map(String).toSorted();
}

const yes = { MOSAIC_ASSUME_YES: "1" };

test("complete: framework, roster and hooks are there, with their modes, and a second run does nothing", async () => {
  using home = tempHome();
  const first = await run(home, { env: yes });
  expect([first.exitCode, first.stdout]).toEqual([0, ""]);
  const modes = [
    ".config/mosaic/fleet/roster.yaml",
    ".claude/hooks-config.json",
    ".claude/settings.json",
  ];
  expect(modes.map((path) => statSync(home.at(path)).mode & 0o777)).toEqual([0o600, 0o600, 0o600]);
  expect(first.stderr).toContain("next:\n  mosaic fleet start\n");
  const before = home.read(".claude/settings.json");
  const second = await run(home, { env: yes });
  expect(second.exitCode).toBe(0);
  expect(second.stderr).toMatch(/^hooks +as it should be$/m);
  expect(second.stderr).toMatch(/^systemd +left out: no systemd user manager answers/m);
  expect(second.stderr).toMatch(/^gateway +left out: no administrator is named/m);
  expect(home.read(".claude/settings.json")).toBe(before);
});

test("one step alone tells of no other, and writes what the plan says", async () => {
  using home = tempHome();
  const dry = await run(home, { env: yes, words: ["--only", "roster", "--dry-run"] });
  expect([dry.exitCode, filesOf(home)]).toEqual([0, []]);
  expect(dry.stdout).not.toContain("left out");
  expect(dry.stdout).toMatch(/^framework +write \d+ files: .* \(other steps need them\)$/m);
  const { exitCode } = await run(home, { env: yes, words: ["--only", "roster"] });
  expect(exitCode).toBe(0);
  expect(filesOf(home)).toContain(".config/mosaic/tools/tmux/send-message.sh");
});

test("completions of an older version are brought up to date", async () => {
  using home = tempHome();
  const path = ".local/share/bash-completion/completions/mosaic";
  home.write(path, "# old\n");
  const env = { ...yes, SHELL: "/bin/bash" };
  const { exitCode, stderr } = await run(home, { env, words: ["--only", "completions"] });
  expect([exitCode, stderr]).toEqual([0, expect.stringContaining(`change ~/${path}`)]);
  expect(home.read(path)).toContain("mosaic");
  const again = await run(home, { env, words: ["--only", "completions"] });
  expect(again.stderr).toMatch(/^completions +as it should be$/m);
});

const admin = {
  MOSAIC_ADMIN_NAME: "Admin",
  MOSAIC_ADMIN_EMAIL: "admin@example.com",
  MOSAIC_ADMIN_PASSWORD: "correct-horse-s3cr3t",
  MOSAIC_GATEWAY_PORT: "0",
};

test("complete, with an administrator: the gateway is there too, and no file but the store knows of the password", async () => {
  using home = tempHome();
  const { exitCode, stdout, stderr } = await run(home, { env: { ...yes, ...admin } });
  expect([exitCode, stdout]).toEqual([0, ""]);
  expect(stderr).toContain("mosaic gateway run");
  const listed = await runCommand([await mosaicBinary(), "gateway", "admin", "list"], {
    env: { HOME: home.path, PATH: "/usr/bin:/bin" },
  });
  expect(listed.stdout).toContain("admin@example.com");
  const texts = filesOf(home)
    .map((path) => home.at(path))
    .filter((path) => statSync(path).isFile())
    .map((path) => readFileSync(path, "latin1"));
  expect([stderr, ...texts].filter((text) => text.includes("s3cr3t"))).toEqual([]);
  const again = await run(home, { env: yes, words: ["--only", "gateway", "--dry-run", "--json"] });
  expect(JSON.parse(again.stdout).steps).toMatchObject([{ name: "gateway", isDone: true }]);
});

test("--dry-run and --json tell the plan, and write nothing", async () => {
  using home = tempHome();
  const { exitCode, stdout } = await run(home, {
    words: ["--dry-run", "--json", "--only", "roster"],
  });
  const plan = JSON.parse(stdout);
  expect([exitCode, plan.applied, plan.faults]).toEqual([0, false, []]);
  expect(plan.skipped).toContainEqual({
    name: "systemd",
    reason: expect.stringContaining("no systemd user manager answers"),
    isPossible: false,
  });
  expect(plan.steps).toMatchObject([
    { name: "framework" },
    {
      name: "roster",
      files: [{ path: home.at(".config/mosaic/fleet/roster.yaml"), mode: "0600" }],
    },
  ]);
  expect(filesOf(home)).toEqual([]);
});

const url = "postgres://u:s3cr3t@h/d";

test.each<[string, Headless, string]>([
  [
    "an administrator without a password",
    { env: { ...admin, MOSAIC_ADMIN_PASSWORD: "" } },
    "MOSAIC_ADMIN_PASSWORD is missing",
  ],
  ["a gateway without an administrator", { words: ["--only", "gateway"] }, "3 faults"],
  [
    "a password that is too short",
    { env: { MOSAIC_ADMIN_PASSWORD: "s3cr3t" } },
    "MOSAIC_ADMIN_PASSWORD",
  ],
  ["a port that is none", { env: { MOSAIC_GATEWAY_PORT: "http" } }, "a port from 0 to 65535"],
  [
    "tier=team without URLs",
    { env: { MOSAIC_STORAGE_TIER: "team" } },
    "MOSAIC_DATABASE_URL is missing",
  ],
  [
    "tier=team with one of two",
    { env: { MOSAIC_STORAGE_TIER: "team", MOSAIC_DATABASE_URL: url } },
    "MOSAIC_VALKEY_URL is missing",
  ],
  ["a step that there is not", { words: ["--only", "hoooks"] }, "did you mean hooks?"],
  ["a profile that there is not", { words: ["--profile", "nothing"] }, 'no profile "nothing"'],
  ["systemd where there is none", { words: ["--only", "systemd,roster"] }, "systemd: "],
  ["no HOME", { env: { HOME: undefined } }, "HOME is not set"],
  ["a HOME that is relative", { env: { HOME: "home" } }, "HOME must be an absolute path"],
  ["a CLAUDE_HOME that is relative", { env: { CLAUDE_HOME: "claude" } }, "CLAUDE_HOME must be"],
])("%s: exit 2, and no file is left", async (_, what, why) => {
  using home = tempHome();
  const { exitCode, stdout, stderr } = await run(home, { ...what, env: { ...yes, ...what.env } });
  expect([exitCode, stdout]).toEqual([2, ""]);
  expect(stderr).toContain(why);
  expect(stderr).not.toContain("s3cr3t");
  expect(filesOf(home)).toEqual([]);
});

test("a HOME that cannot be written to: exit 2, and no file is left", async () => {
  using home = tempHome();
  const { exitCode, stderr } = await run(home, { env: yes, readOnly: home.path });
  expect([exitCode, stderr]).toEqual([2, expect.stringContaining("is not writable for us")]);
  expect(filesOf(home)).toEqual([]);
});

test("a CLAUDE_HOME that cannot be written to: exit 2, and no file is left anywhere", async () => {
  using home = tempHome();
  mkdirSync(home.at("claude"));
  const env = { ...yes, CLAUDE_HOME: home.at("claude") };
  const { exitCode, stderr } = await run(home, { env, readOnly: home.at("claude") });
  expect([exitCode, stderr]).toEqual([2, expect.stringContaining("claude is not writable for us")]);
  expect(filesOf(home)).toEqual(["claude"]);
});

test("settings of Claude Code that are no JSON, and every other fault, are told at once", async () => {
  using home = tempHome();
  home.write(".claude/settings.json", "{,}");
  const env = { ...yes, MOSAIC_GATEWAY_PORT: "http", MOSAIC_ADMIN_EMAIL: "nobody" };
  const { exitCode, stderr } = await run(home, { env, words: ["--profile", "nothing"] });
  expect([exitCode, stderr.split("\n")[0]]).toEqual([
    2,
    "mosaic: 6 faults, and nothing was written",
  ]);
  expect(filesOf(home)).toEqual([".claude", ".claude/settings.json"]);
});

test.each([".config/mosaic/fleet", ".config", ".local/state/mosaic", ".claude"])(
  "a file where the folder %s is needed is found before anything is written",
  async (path) => {
    using home = tempHome();
    home.write(path, "mine");
    const before = filesOf(home);
    const { exitCode, stderr } = await run(home, { env: yes });
    const told = expect.stringContaining(`${home.at(path)} is no folder, and one is needed`);
    expect([exitCode, stderr, filesOf(home)]).toEqual([2, told, before]);
  },
);

test("a HOME that is no folder is told", async () => {
  using home = tempHome();
  const { exitCode, stderr } = await run(home, { env: { ...yes, HOME: "/dev/null" } });
  expect([exitCode, stderr]).toEqual([2, expect.stringContaining("/dev/null is no folder")]);
});

test("without tmux nothing is written where a start is wanted, and else the plan says so", async () => {
  using home = tempHome();
  home.write("programs/sh", '#!/bin/sh\nexec /bin/sh "$@"\n', 0o755);
  const env = { ...yes, PATH: home.at("programs") };
  const before = filesOf(home);
  const refused = await run(home, { env, words: ["--start"] });
  expect([refused.exitCode, refused.stderr]).toEqual([
    2,
    expect.stringContaining("apt-get install tmux"),
  ]);
  expect(filesOf(home)).toEqual(before);
  const told = await run(home, { env });
  expect([told.exitCode, told.stderr]).toEqual([
    0,
    expect.stringContaining("tmux: not installed yet"),
  ]);
  expect(told.stderr).toMatch(/^next:\n  apt-get install tmux/m);
});

test.each([
  ["/usr/bin/zsh", "add to ~/.zshrc: source <(mosaic completions zsh)"],
  ["/bin/tcsh", "tcsh has none of ours: mosaic completions --help"],
  ["", "SHELL is not set"],
])("completions of SHELL=%s are not possible, and the words help", async (SHELL, told) => {
  using home = tempHome();
  const { stderr } = await run(home, { env: { ...yes, SHELL }, words: ["--only", "completions"] });
  expect(stderr).toContain(told);
});
