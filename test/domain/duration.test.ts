// Durations, read and written.
import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { formatDuration, parseDuration, roughDuration } from "../../src/domain/duration.ts";

test.each([
  ["500ms", 500],
  ["1s", 1000],
  ["15m", 900_000],
  ["1h", 3_600_000],
  ["2d", 172_800_000],
  ["0s", undefined],
  ["15", undefined],
  ["1.5h", undefined],
  ["1h30m", undefined],
  [" 1s", undefined],
  ["1s\n", undefined],
  ["-1s", undefined],
  ["1234567s", undefined],
  ["", undefined],
])("parseDuration(%j) is %p", (text, expected) => {
  expect(parseDuration(text)).toBe(expected);
});

test.each([
  [1, "1ms"],
  [1500, "1500ms"],
  [90_000, "90s"],
  [900_000, "15m"],
  [86_400_000, "1d"],
])("%p ms is written %s", (durationMs, expected) => {
  expect(formatDuration(durationMs)).toBe(expected);
});

test("a written duration is read back", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 999_999 }), (durationMs) => {
      expect(parseDuration(formatDuration(durationMs))).toBe(durationMs);
    }),
  );
});

test.each([
  [-5, "0s"],
  [999, "0s"],
  [59_999, "59s"],
  [60_000, "1m"],
  [7_199_999, "1h"],
  [172_800_000, "2d"],
])("%i ms are roughly %s", (durationMs, text) => {
  expect(roughDuration(durationMs)).toBe(text);
});
