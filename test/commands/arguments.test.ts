import { describe, expect, test } from "bun:test";
import { runCommand } from "citty";
import { checkWords } from "../../src/commands/_arguments.ts";
import { AppError } from "../../src/errors.ts";

const args = {
  name: { type: "positional", valueHint: "NAME", required: true },
  message: { type: "string", alias: "m" },
  lines: { type: "string", alias: "n", default: "40" },
  "source-label": { type: "string", alias: "source" },
  json: { type: "boolean" },
  follow: { type: "boolean", alias: "f" },
} as const;

/** What a command's run sees after our check and citty's parser. */
async function seen(words: string[], definition: typeof args = args) {
  const checked = checkWords("mosaic agent try", words, definition);
  if (checked.help) return "help";
  let parsed: Record<string, unknown> = {};
  const command = {
    args: definition,
    run: ({ args: given }: { args: Record<string, unknown> }) => void (parsed = given),
  };
  await runCommand(command, { rawArgs: checked.rawArgs });
  const { _, name, message, lines, "source-label": label, json, follow } = parsed;
  return Object.fromEntries(
    Object.entries({ _, name, message, lines, label, json, follow }).filter(
      ([, value]) => value !== undefined,
    ),
  );
}

function faultOf(words: string[]): { message: string; hint: string | undefined; exitCode: number } {
  try {
    checkWords("mosaic agent try", words, args);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return { message: error.message, hint: error.hint, exitCode: error.exitCode };
  }
  throw new Error("no fault");
}

describe("what a command gets", () => {
  const usual = { _: ["a"], name: "a", lines: "40" };
  test.each([
    [["a"], usual],
    [["a", "--message", "hi there"], { ...usual, message: "hi there" }],
    [["--message", "hi", "a"], { ...usual, message: "hi" }],
    [["a", "--message=hi=there"], { ...usual, message: "hi=there" }],
    [["a", "--message="], { ...usual, message: "" }],
    [["a", "--message", "42"], { ...usual, message: "42" }],
    [["a", "--message", "0x10"], { ...usual, message: "0x10" }],
    [["a", "--message", "--json"], { ...usual, message: "--json" }],
    [["a", "--message", "--no-json"], { ...usual, message: "--no-json" }],
    [["a", "--message", "--"], { ...usual, message: "--" }],
    [["a", "--message", "--help"], { ...usual, message: "--help" }],
    [["a", "--message", "line\nline"], { ...usual, message: "line\nline" }],
    [["a", "-m", "hi", "-m", "ho"], { ...usual, message: "ho" }],
    [["a", "-n", "80"], { ...usual, lines: "80" }],
    [["a", "-n80"], { ...usual, lines: "80" }],
    [["a", "-n=80"], { ...usual, lines: "80" }],
    [["a", "-fn", "80"], { ...usual, follow: true, lines: "80" }],
    [["a", "--source", "me"], { ...usual, label: "me" }],
    [["a", "--source-label=me"], { ...usual, label: "me" }],
    [["a", "--json"], { ...usual, json: true }],
    [["a", "--json", "--json"], { ...usual, json: true }],
    [["a", "--json=false"], { ...usual, json: false }],
    [["a", "--no-json"], { ...usual, json: false }],
    [["--json", "a"], { ...usual, json: true }],
    [["--", "a"], usual],
    [["--json", "--", "--follow"], { _: ["--follow"], name: "--follow", lines: "40", json: true }],
    [["-"], { _: ["-"], name: "-", lines: "40" }],
    [[""], { _: [""], name: "", lines: "40" }],
    [["--help"], "help"],
    [["a", "-h"], "help"],
  ])("from %j", async (words, expected) => {
    expect(await seen(words)).toEqual(expected);
  });
});

describe("what is refused with exit code 2", () => {
  const help = "mosaic agent try --help";
  test.each([
    [[], "agent try needs NAME", help],
    [["a", "b"], 'unexpected argument "b"', help],
    [["a", "--", "--json"], 'unexpected argument "--json"', help],
    [["a", "--jsno"], "unknown flag --jsno", `did you mean --json?\n${help}`],
    [["a", "--folow=1"], "unknown flag --folow", `did you mean --follow?\n${help}`],
    [["a", "--frobnicate"], "unknown flag --frobnicate", help],
    [["a", "-json"], "unknown flag -json", `did you mean --json?\n${help}`],
    [["a", "-fx"], "unknown flag -x", help],
    [["a", "--no-message"], "unknown flag --no-message", `did you mean --message?\n${help}`],
    [["a", "--message"], "--message needs a value", help],
    [["a", "-n"], "-n needs a value", help],
    [["a", "--json=maybe"], '--json takes no value, but got "maybe"', help],
    [["a", "--=x"], "unknown flag --", help],
  ])("%j", (words, message, hint) => {
    expect(faultOf(words)).toEqual({ message, hint, exitCode: 2 });
  });
});

test("a positional that repeats takes all words, and none", async () => {
  const names = { names: { type: "positional", valueHint: "NAME…", required: false } } as const;
  const read = async (words: string[]) => {
    const checked = checkWords("mosaic fleet try", words, names);
    if (checked.help) throw new Error("help");
    const command = { args: names, run: ({ args: parsed }: { args: { _: string[] } }) => parsed._ };
    return (await runCommand(command, { rawArgs: checked.rawArgs })).result;
  };
  expect([await read([]), await read(["a", "b", "-"])]).toEqual([[], ["a", "b", "-"]]);
});
