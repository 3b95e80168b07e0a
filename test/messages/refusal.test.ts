// Why nothing was typed into a pane, told by what it shows: screens as the runtimes draw them.
import { expect, test } from "bun:test";
import { explainRefusal } from "../../src/domain/refusal.ts";
import { type RuntimeName, runtimes } from "../../src/domain/runtimes.ts";

const typed = [{ id: "0a1b2c3d4e", body: "please look at the build" }];
const line = "─".repeat(30);

const cases: readonly [RuntimeName, readonly string[], number, string, string][] = [
  ["canary", ["canary: ok", line, "› half a thought"], 2, "draft", "half a thought"],
  [
    "canary",
    [line, "› [mosaic 0a1b2c3d4e from a:b]", "  please look at the build"],
    2,
    "leftover",
    "message 0a1b2c3d4e of mosaic",
  ],
  ["canary", [line, "› [mosaic ffffffffff from a:b]", "  x"], 2, "draft", "somebody's draft"],
  ["claude", ["", line, "❯ [Pasted text #1 +3 lines]", line], 2, "leftover", "0a1b2c3d4e"],
  ["claude", ["Do you trust this folder?", "❯ 1. Yes"], 1, "question", "Do you trust this folder?"],
  ["claude", ["Welcome to Claude Code"], 0, "no-composer", "Welcome to Claude Code"],
  ["codex", ["", "› fix the", "", "  gpt"], 1, "draft", "fix the"],
  ["codex", ["", "› x", "  look at the build"], 2, "leftover", "0a1b2c3d4e"],
  ["opencode", ["", "┃", "┃  half", "┃"], 2, "draft", "half"],
  ["pi", ["", line, "half", line], 2, "draft", "half"],
  ["pi", [], 0, "no-composer", "an empty screen"],
];

test.each(cases)("%s shows %j at row %i: %s", (runtime, lines, cursorRow, cause, words) => {
  const refusal = explainRefusal(runtimes[runtime], { title: "", lines, cursorRow }, typed);
  const told: [string, boolean] = [refusal.cause, refusal.reason.includes(words)];
  expect(told).toEqual([cause, true]);
});
