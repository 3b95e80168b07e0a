// The flags that take a duration; what a duration is stands in test/domain/duration.test.ts.
import { expect, test } from "bun:test";
import { durationMs, type DurationRule } from "../../src/commands/_duration.ts";

const rule: DurationRule = {
  flag: "--stale",
  leastMs: 3000,
  least: "3s",
  command: "mosaic lock run",
};

test.each([
  ["3s", 3000],
  ["3000ms", 3000],
  ["2m", 120_000],
  [undefined, undefined],
])("%p is %p ms", (text, expected) => {
  expect(durationMs(text, rule)).toBe(expected);
});

test("zero passes where nothing is the least, written 0", () => {
  expect(durationMs("0", { ...rule, leastMs: 0, least: "0" })).toBe(0);
});

test.each(["0", "2s", "2999ms", "30", "-3s", "1.5m", "3 s", "", "soon", "0s"])(
  "%j is refused with what is allowed",
  (text) => {
    expect(() => durationMs(text, rule)).toThrow(
      expect.objectContaining({
        exitCode: 2,
        message: `--stale takes a duration from 3s up, such as 30s or 2m, not "${text}"`,
        hint: "mosaic lock run --help",
      }),
    );
  },
);

test("what was typed is told without what would move the cursor", () => {
  expect(() => durationMs("1\u001b[2J\n2", rule)).toThrow(
    expect.objectContaining({ message: expect.stringMatching(/^[\x20-\x7e]*$/) }),
  );
});
