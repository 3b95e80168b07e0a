import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { displayWidth, oneLine, padEnd, truncate, wrap } from "../../src/domain/terminal-text.ts";

test.each(["canary-pi", "日本語", "한국어", "café", "cafe\u0301", "🚀 go", "…", "ｆｕｌｌ", "─│"])(
  "the width of %s is the one Bun measures",
  (text) => {
    expect(displayWidth(text)).toBe(Bun.stringWidth(text));
  },
);

describe("truncate", () => {
  test.each([
    ["canary", 6, "canary"],
    ["canary-pi", 6, "canar…"],
    ["日本語の名前", 6, "日本…"],
    ["日本語の名前", 5, "日本…"],
    ["abc def", 5, "abc…"],
    ["abc", 1, "…"],
    ["abc", 0, ""],
  ])("cuts %s to %d columns", (text, columns, expected) => {
    expect(truncate(text, columns)).toBe(expected);
  });

  test("never takes more columns than it was given", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), fc.nat(30), (text, columns) => {
        expect(displayWidth(truncate(text, columns))).toBeLessThanOrEqual(columns);
      }),
    );
  });
});

test("padEnd counts columns, not characters", () => {
  expect([padEnd("日本", 6), padEnd("abc", 2)]).toEqual(["日本  ", "abc"]);
});

test("oneLine takes out what could move the cursor", () => {
  expect(oneLine("a\nb\tc\u001B[31md\u009Be")).toBe("a b c[31mde");
});

describe("wrap", () => {
  test("breaks at spaces and leaves a long word whole", () => {
    expect(wrap("one two three-and-a-half four", 9)).toEqual([
      "one two",
      "three-and-a-half",
      "four",
    ]);
  });

  test("gives one empty line for an empty text", () => {
    expect(wrap("", 10)).toEqual([""]);
  });
});
