// When the wizard asks, when it applies unasked, and when it does neither.
import { expect, test } from "bun:test";
import { mayAsk } from "../../src/wizard/who-answers.ts";

const terminal = { stdinIsTty: true, stderrIsTty: true };
const plain = { dryRun: false, json: false };

function asked(
  variable: string | undefined,
  { io = terminal, options = plain }: { io?: typeof terminal; options?: typeof plain } = {},
): boolean | string {
  try {
    // Nothing else of them is read.
    return mayAsk(
      Object.assign(Object.create(null), { env: { MOSAIC_ASSUME_YES: variable }, io }),
      options,
    );
  } catch (error) {
    return String(error);
  }
}

test.each([
  [undefined, true],
  ["", true],
  ["0", true],
  ["no", true],
  ["False", true],
  ["1", false],
  ["true", false],
  ["YES", false],
])("MOSAIC_ASSUME_YES=%p at a terminal asks: %p", (variable, isAsked) => {
  expect(asked(variable)).toBe(isAsked);
});

test("what is neither yes nor no is a fault", () => {
  expect(asked("nope")).toContain('MOSAIC_ASSUME_YES: expected 1 or 0, found "nope"');
});

test("at a terminal a word about the output applies nothing unasked", () => {
  const json = { ...plain, json: true };
  expect(asked(undefined, { options: json })).toContain("--json asks nothing");
  expect(asked("no", { options: json })).toContain("--json asks nothing");
  expect(asked("1", { options: json })).toBe(false);
  expect(asked(undefined, { options: { ...json, dryRun: true } })).toBe(false);
  expect(asked(undefined, { options: json, io: { ...terminal, stdinIsTty: false } })).toBe(false);
  const io = { ...terminal, stderrIsTty: false };
  expect(asked(undefined, { io })).toContain("standard error");
});
