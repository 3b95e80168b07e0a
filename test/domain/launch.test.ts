import { expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import * as fc from "fast-check";
import { hasSpool, renderLaunch, tmuxFormatLiteral } from "../../src/domain/launch.ts";
import { shellQuote } from "../../src/domain/shell-word.ts";
import type { Agent } from "../../src/domain/roster.ts";
import { type RuntimeName, runtimes } from "../../src/domain/runtimes.ts";
import { runCommand } from "../support/run-command.ts";
import { tempHome } from "../support/temp-home.ts";

const agent: Agent = {
  name: "a",
  runtime: "command",
  workdir: "/",
  args: [],
  env: {},
  limits: {},
  restart: {
    policy: "on-failure",
    burst: 5,
    windowMs: 900_000,
    backoffMs: 1000,
    backoffMaxMs: 60_000,
  },
};
const roster = { socket: "mosaic-factory", window: { columns: 200, rows: 50 } };

test("a launch file holds every value literally, read back by sh", async () => {
  using home = tempHome();
  const file = `${home.path}/launch.sh`;
  const text = fc.string({ unit: "grapheme" }).map((value) => value.replaceAll("\0", ""));
  await fc.assert(
    fc.asyncProperty(
      fc.array(text, { minLength: 1, maxLength: 4 }),
      text,
      text,
      async (args, value, workdir) => {
        const rendered = renderLaunch({
          roster,
          agent: { ...agent, args, env: { V: value }, workdir },
          self: [],
          home: "/c",
        });
        writeFileSync(file, rendered);
        const script = `. ${shellQuote(file)}; launch_env; printf '%s\\0' "$workdir" "$V" "$@"`;
        const read = await runCommand(["sh", "-c", script], { env: { PATH: "/usr/bin:/bin" } });
        expect(read.stdout).toBe([workdir, value, ...args].map((word) => `${word}\0`).join(""));
      },
    ),
    { numRuns: 40 },
  );
});

test("a runtime inside this executable is started by its own argv", () => {
  const text = renderLaunch({
    roster,
    agent: { ...agent, runtime: "canary" },
    self: ["/opt/mosaic"],
    home: "/c",
  });
  expect(text).toContain("set -- '/opt/mosaic' 'canary'\n");
});

test("the envFile is named, its contents are not copied", () => {
  const text = renderLaunch({
    roster,
    agent: { ...agent, envFile: "/home/u/x.env" },
    self: [],
    home: "/c",
  });
  expect(text).toContain("env_file='/home/u/x.env'\n");
});

test("a folder's name stands literally in a tmux format", () => {
  expect(tmuxFormatLiteral("/a,b}c#(id)")).toBe("/a#,b#}c##(id)");
});

/** The argv and the environment that a launch file gives the runtime. */
async function launched(changes: Partial<Agent>, resume?: string): Promise<string[]> {
  using home = tempHome();
  const text = renderLaunch({
    roster,
    agent: { ...agent, ...changes },
    self: [],
    home: "/c d",
    resume,
  });
  const file = home.write("launch.sh", text);
  const script = `. ${shellQuote(file)}; launch_env; printf '%s\\n' "$OPENCODE_CONFIG_CONTENT$OPENCODE_TUI_CONFIG" "$@"`;
  const { stdout } = await runCommand(["sh", "-c", script], { env: { PATH: "/usr/bin:/bin" } });
  return stdout.trimEnd().split("\n");
}

test("what makes a runtime report stands in front of the roster's arguments, a conversation behind", async () => {
  const args = ["--model", "x"];
  expect(await launched({ runtime: "claude", args }, "s1")).toEqual([
    "",
    "claude",
    "--settings",
    "/c d/hooks/claude/settings.json",
    ...args,
    "--resume",
    "s1",
  ]);
  expect(await launched({ runtime: "pi", args })).toEqual([
    "",
    "pi",
    "--extension",
    "/c d/hooks/pi/mosaic.js",
    ...args,
  ]);
  expect(await launched({ runtime: "opencode", args }, "s1")).toEqual([
    '{"plugin":["file:///c d/hooks/opencode/mosaic.js"]}/c d/hooks/opencode/tui.json',
    "opencode",
    ...args,
    "--session",
    "s1",
  ]);
});

test("what a roster gives itself is not given a second time", async () => {
  const args = ["--settings", "/mine.json"];
  expect(await launched({ runtime: "claude", args })).toEqual(["", "claude", ...args]);
  const codex = await launched({ runtime: "codex", args: ["--no-daemon"] });
  expect(codex.filter((word) => word === "--no-daemon")).toHaveLength(1);
  const env = { OPENCODE_CONFIG_CONTENT: "{}" };
  expect(await launched({ runtime: "opencode", env })).toEqual(["{}", "opencode"]);
  expect(hasSpool({ ...agent, runtime: "opencode", env })).toBe(false);
  expect(hasSpool({ ...agent, runtime: "opencode" })).toBe(true);
  expect(hasSpool({ ...agent, runtime: "claude" })).toBe(false);
});

test("each hook of codex is trusted by the hash of its own definition", async () => {
  const codex = (await launched({ runtime: "codex" })).join("\n");
  const hooks = [
    ...codex.matchAll(/^hooks\.(\w+)=\[\{hooks=\[\{type="command",command=(".*"),timeout=3/gm),
  ];
  const trusted = [
    ...codex.matchAll(/config\.toml:(\w+):0:0"=\{enabled=true,trusted_hash="sha256:(\w+)"/g),
  ];
  expect(hooks.length).toBeGreaterThan(5);
  // As codex 0.169.0 hashes it: keys in order, no spaces.
  const hashes = hooks.map(([, event = "", command = ""]) => {
    const name = event.replaceAll(/\B[A-Z]/g, "_$&").toLowerCase();
    const hook = `{"async":false,"command":${command},"timeout":3,"type":"command"}`;
    const text = `{"event_name":"${name}","hooks":[${hook}]}`;
    return [name, new Bun.CryptoHasher("sha256").update(text).digest("hex")];
  });
  expect(trusted.map(([, name, hash]) => [name, hash])).toEqual(hashes);
});

const textOf = (runtime: RuntimeName, env: Record<string, string>): string =>
  renderLaunch({ roster, agent: { ...agent, runtime, env }, home: "/c", self: [] });

test("what keeps a first dialog away is given to the agent alone, and the roster's word wins", () => {
  expect(textOf("claude", {})).toContain("export DISABLE_AUTOUPDATER='1'");
  const theirs = textOf("claude", { DISABLE_AUTOUPDATER: "0" });
  expect(theirs).toContain("export DISABLE_AUTOUPDATER='0'");
  expect(theirs).not.toContain("export DISABLE_AUTOUPDATER='1'");
  expect(textOf("codex", {})).toContain("set -- 'codex' '-c' 'check_for_update_on_startup=false'");
  for (const { by } of Object.values(runtimes).flatMap(({ firstRun }) => firstRun)) {
    // A file is a person's, below the home.
    if (by.kind === "json" || by.kind === "toml") expect(by.path).toStartWith(".");
  }
});
