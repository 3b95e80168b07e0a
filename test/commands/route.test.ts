import { describe, expect, test } from "bun:test";
import { walk } from "../../src/commands/index.ts";
import { argumentsOf, descend, isGroup } from "../../src/commands/_tree.ts";
import { rootGroup } from "../../src/commands/index.ts";
import { splitArguments } from "../../src/commands/_arguments.ts";
import { main } from "../../src/main.ts";
import { fakeContext } from "../support/fake-context.ts";

async function run(words: string[]) {
  using ctx = fakeContext();
  const code = await main(words, ctx);
  ctx.done();
  return { code, stdout: ctx.stdout, stderr: ctx.stderr };
}

describe("wrong words end with exit code 2, a hint, and nothing on stdout", () => {
  test.each([
    [["flet"], 'unknown command "flet"', ["did you mean `mosaic fleet`?", "mosaic --help"]],
    [["x\u001B[2Jy\n"], 'unknown command "x[2Jy "', ["mosaic --help"]],
    [["frobnicate"], 'unknown command "frobnicate"', ["mosaic --help"]],
    [
      ["start"],
      'unknown command "start"',
      [
        "did you mean `mosaic fleet start`?",
        "did you mean `mosaic gateway start`?",
        "mosaic --help",
      ],
    ],
    [
      ["status"],
      'unknown command "status"',
      [
        "did you mean `mosaic fleet status`?",
        "did you mean `mosaic agent status`?",
        "did you mean `mosaic gateway status`?",
        "did you mean `mosaic lock status`?",
        "mosaic --help",
      ],
    ],
    [
      ["fleet", "strat"],
      'unknown command "strat" of mosaic fleet',
      ["did you mean `mosaic fleet start`?", "mosaic fleet --help"],
    ],
    [
      ["fleet", "tail"],
      'unknown command "tail" of mosaic fleet',
      ["did you mean `mosaic agent tail`?", "mosaic fleet --help"],
    ],
    [["help", "flet"], 'unknown command "flet"', ["did you mean `mosaic fleet`?", "mosaic --help"]],
    [["render"], 'unknown command "render"', ["mosaic --help"]],
    [["--verison"], "unknown flag --verison", ["did you mean --version?", "mosaic --help"]],
    [["fleet", "--jsn"], "unknown flag --jsn", ["mosaic fleet --help"]],
    [["agent", "tail"], "agent tail needs NAME", ["mosaic agent tail --help"]],
    [["doctor", "now"], 'unexpected argument "now"', ["mosaic doctor --help"]],
    [
      ["agent", "tail", "a", "-n", "many"],
      '-n takes a whole number from 1 up, not "many"',
      ["mosaic agent tail --help"],
    ],
    [
      ["agent", "tail", "a", "-n0"],
      '-n takes a whole number from 1 up, not "0"',
      ["mosaic agent tail --help"],
    ],
    [
      ["completions", "fihs"],
      'no completions for "fihs", only for bash, zsh, fish',
      ["mosaic completions fish"],
    ],
  ])("%j", async (words, message, hints) => {
    expect(await run(words)).toEqual({
      code: 2,
      stdout: "",
      stderr: [`mosaic: ${message}`, ...hints.map((hint) => `  hint: ${hint}`), ""].join("\n"),
    });
  });
});

test("descend stops where words stop naming commands", () => {
  const { path, node, rest } = descend(rootGroup, ["agent", "send", "fleet", "start"]);
  expect({ path, name: node.name, rest }).toEqual({
    path: ["agent", "send"],
    name: "send",
    rest: ["fleet", "start"],
  });
});

test("every leaf loads, and each of its options and arguments is described", async () => {
  using ctx = fakeContext();
  for (const { path, node } of walk()) {
    if (isGroup(node)) continue;
    const { options, positionals } = splitArguments(await argumentsOf(node, ctx));
    for (const { def } of [...options, ...positionals]) {
      expect({ path, description: def.description }).toEqual({
        path,
        description: expect.stringMatching(/^[a-z].*[^.]$/),
      });
    }
  }
});
