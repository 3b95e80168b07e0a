import { expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import * as fc from "fast-check";
import { renderLaunch, shellQuote, tmuxFormatLiteral } from "../../src/domain/launch.ts";
import type { Agent } from "../../src/domain/roster.ts";
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
