// The rules of an envFile; test/tools/agent-pane.test.ts holds them equal to those of the shell script.
import { expect, test } from "bun:test";
import { parseEnvFile } from "../../src/domain/env-file.ts";

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

test.each(["MOSAIC_INSTANCE", "mosaic_file"])(
  "%s is refused: it is a name of mosaic's own",
  (key) => {
    expect(parseEnvFile(`${key}=x\n`)).toEqual({
      faults: [{ line: 1, message: `${key} is a name of mosaic's own` }],
    });
  },
);
