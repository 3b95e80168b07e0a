// The body of an agent's pane, run without tmux: its environment, its argv and what it records.
import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { parseEnvFile } from "../../src/domain/env-file.ts";
import { renderLaunch } from "../../src/domain/launch.ts";
import type { Agent } from "../../src/domain/roster.ts";
import { type CommandResult, runCommand } from "../support/run-command.ts";
import { tempHome, type TempHome } from "../support/temp-home.ts";

const script = `${import.meta.dir}/../../framework/tools/fleet/agent-pane.sh`;
const roster = { socket: "mosaic-t", window: { columns: 80, rows: 24 } };
const restart = { policy: "never", burst: 5, windowMs: 1, backoffMs: 1, backoffMaxMs: 1 } as const;

async function runPane(
  home: TempHome,
  agent: Partial<Agent>,
  env: Record<string, string> = {},
): Promise<CommandResult & { recorded: string }> {
  const whole: Agent = {
    name: "a",
    runtime: "command",
    workdir: "/",
    args: ["env", "-0"],
    env: {},
    limits: {},
    restart,
    ...agent,
  };
  home.write("launch.sh", renderLaunch({ roster, agent: whole, self: [], home: "/c" }));
  const result = await runCommand(["sh", script, "--pane", home.path], {
    env: { PATH: "/usr/bin:/bin", MOSAIC_INSTANCE: "i1", MOSAIC_AGENT: "a", ...env },
  });
  return { ...result, recorded: home.read("exit") };
}

function environmentOf(stdout: string): Record<string, string> {
  const entries = stdout.split("\0").filter((entry) => entry !== "");
  return Object.fromEntries(
    entries.map((entry) => [
      entry.slice(0, entry.indexOf("=")),
      entry.slice(entry.indexOf("=") + 1),
    ]),
  );
}

test("the shell reads an envFile as TypeScript does", async () => {
  using home = tempHome();
  const words = fc.constantFrom(
    "A",
    "B_1",
    "MOSAIC_A",
    "dir",
    "=",
    "'",
    '"',
    " ",
    "\t",
    "#",
    ";",
    "export ",
    "$(id)",
    "\\",
    "x",
    "%",
    "\r",
    "é",
  );
  const line = fc.array(words, { maxLength: 6 }).map((parts) => parts.join(""));
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.oneof(
          line,
          line.map((rest) => `KEY=${rest}`),
        ),
        { maxLength: 5 },
      ),
      async (lines) => {
        const text = lines.join("\n");
        const parsed = parseEnvFile(text);
        const ran = await runPane(home, { envFile: home.write("agent.env", text) });
        if ("faults" in parsed) {
          expect(ran.exitCode).toBe(78);
          return;
        }
        expect({ exitCode: ran.exitCode, stderr: ran.stderr }).toEqual({ exitCode: 0, stderr: "" });
        expect(environmentOf(ran.stdout)).toMatchObject(parsed.env);
      },
    ),
    { numRuns: 150 },
  );
});

test("the roster's env arrives literally, and nothing of the supervisor's or of Bun's", async () => {
  using home = tempHome();
  const hostile = `a'b"$(id)%h\n$x\\;`;
  const outer = {
    NOTIFY_SOCKET: "/x",
    INVOCATION_ID: "1",
    BUN_OPTIONS: "--hostile",
    BUN_BE_BUN: "1",
    MOSAIC_SUPERVISOR: "builtin",
  };
  const ran = await runPane(home, { env: { HOSTILE: hostile } }, outer);
  const seen = environmentOf(ran.stdout);
  expect(seen).toMatchObject({ HOSTILE: hostile, MOSAIC_AGENT: "a", MOSAIC_INSTANCE: "i1" });
  expect(Object.keys(outer).filter((key) => key in seen)).toEqual([]);
});

const ends: [string, Partial<Agent>, number][] = [
  ["a clean exit", { args: ["true"] }, 0],
  ["a crash", { args: ["sh", "-c", "exit 3"] }, 3],
  ["a signal", { args: ["sh", "-c", "kill -KILL $$"] }, 137],
  ["a program that is not there", { args: ["no-such-program"] }, 78],
  ["a folder that is not there", { workdir: "/no/such/folder" }, 78],
  ["an envFile that is not there", { envFile: "/no/such/file" }, 78],
];

test.each(ends)("%s is recorded", async (_, agent, status) => {
  using home = tempHome();
  const ran = await runPane(home, agent);
  expect({ exitCode: ran.exitCode, recorded: ran.recorded }).toEqual({
    exitCode: status,
    recorded: `status=${status}\ninstance=i1\n`,
  });
});

test("a program that is not installed is named with the command that installs it", async () => {
  using home = tempHome();
  const ran = await runPane(home, { runtime: "pi" });
  expect(ran.stderr).toContain("mosaic: a: pi is not installed, or not on PATH=");
  expect(ran.stderr).toContain("hint: npm install -g ");
});

test("variables that the scripts use themselves reach the agent and disturb nothing", async () => {
  using home = tempHome();
  const env = { dir: "/nowhere", name: "x", workdir: "y", env_file: "z", mode: "m", slice: "s" };
  const envFile = home.write("agent.env", "line=1\nkey=2\nvalue=3\nstate=4\n");
  const ran = await runPane(home, { env, envFile });
  expect(ran.recorded).toBe("status=0\ninstance=i1\n");
  expect(environmentOf(ran.stdout)).toMatchObject({ ...env, line: "1", key: "2", value: "3" });
});
