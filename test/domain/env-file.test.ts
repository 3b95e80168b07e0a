// The rules of an envFile, held equal to those of the shell script that reads it.
import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import * as fc from "fast-check";
import { parseEnvFile } from "../../src/domain/env-file.ts";
import { runCommand } from "../support/run-command.ts";
import { tempHome, type TempHome } from "../support/temp-home.ts";

test("comments, blank lines, export and one pair of quotes around a value", () => {
  const text = [
    "# a comment",
    "; another",
    "",
    "  \t",
    "PLAIN=a b  ",
    "\tINDENTED=1",
    "export EXPORTED=2",
    "DOUBLE=\"a $HOME \\n 'b'\"",
    "SINGLE='#x'",
    'HALF="open',
    'ONE="',
    'NONE=""',
    "EQUALS=a=b=",
    "HASH=a # b",
    "CR=x\r",
    "EMPTY=",
    "PLAIN=last",
  ].join("\n");
  expect(parseEnvFile(text)).toEqual({
    env: {
      PLAIN: "last",
      INDENTED: "1",
      EXPORTED: "2",
      DOUBLE: "a $HOME \\n 'b'",
      SINGLE: "#x",
      HALF: '"open',
      ONE: '"',
      NONE: "",
      EQUALS: "a=b=",
      HASH: "a # b",
      CR: "x",
      EMPTY: "",
    },
  });
});

test.each([
  ["hunter2", "expected KEY=VALUE, found a line without ="],
  ["KEY = hunter2", "expected KEY=VALUE without a space before ="],
  ["=hunter2", "expected a variable's name before =: letters, digits and _, no digit first"],
  ["1KEY=hunter2", "expected a variable's name before =: letters, digits and _, no digit first"],
  ["A-B=hunter2", "expected a variable's name before =: letters, digits and _, no digit first"],
  [
    "export  A=hunter2",
    "expected a variable's name before =: letters, digits and _, no digit first",
  ],
  ["\uFEFFKEY=hunter2", "expected KEY=VALUE, found a byte order mark; save the file without it"],
  ["KEY=hunt\0er2", "expected text, found a NUL character"],
])("%j is refused at its line, and nothing of it is shown", (line, message) => {
  expect(parseEnvFile(`A=1\n${line}\nB=2\nC\n`)).toEqual({
    faults: [
      { line: 2, message },
      { line: 4, message: "expected KEY=VALUE, found a line without =" },
    ],
  });
});

test("a key named __proto__ is a key like any other", () => {
  const parsed = parseEnvFile("__proto__=x\n");
  expect("env" in parsed && Object.entries(parsed.env)).toEqual([["__proto__", "x"]]);
});

const agentPane = `${import.meta.dir}/../../framework/tools/fleet/agent-pane.sh`;
const reader =
  /^load_env_file\(\) \{\n[\s\S]*?^\}$/m.exec(readFileSync(agentPane, "utf8"))?.[0] ?? "";

/** What the shell side makes of a file: its variables, or undefined when it refuses. */
async function readByShell(
  home: TempHome,
  text: string,
): Promise<Record<string, string> | undefined> {
  const file = home.write("agent.env", text);
  const script = `fail() { exit 78; }; env_file=$1\n${reader}\nload_env_file\nexec /usr/bin/env -0`;
  const ended = await runCommand(["sh", "-c", script, "sh", file], { env: {} });
  if (ended.exitCode === 78) return undefined;
  const entries = ended.stdout.split("\0").map((pair): [string, string] => {
    const end = pair.indexOf("=");
    return [pair.slice(0, end), pair.slice(end + 1)];
  });
  // The shell's own.
  return Object.fromEntries(
    entries.filter(([key]) => !["", "PWD", "OLDPWD", "_", "SHLVL"].includes(key)),
  );
}

test("the shell that starts an agent reads the same variables, and refuses the same files", async () => {
  using home = tempHome();
  const bits = [
    "A=",
    "B=1",
    "export ",
    "=",
    '"',
    "'",
    "#",
    ";",
    " ",
    "\t",
    "\r",
    "\n",
    "\\",
    "$HOME",
    "1",
    "C_d",
    "-",
    "é",
    "`id`",
    "*",
  ];
  const files = fc
    .array(fc.constantFrom(...bits), { maxLength: 14 })
    .map((parts) => parts.join(""));
  await fc.assert(
    fc.asyncProperty(files, async (text) => {
      const parsed = parseEnvFile(text);
      expect(await readByShell(home, text)).toEqual("env" in parsed ? parsed.env : undefined);
    }),
    { numRuns: 150 },
  );
});
