// What an agent does, from what it says and what its screen shows.
import { describe, expect, test } from "bun:test";
import { type Candidate, judge, readScreen } from "../../src/domain/activity.ts";
import { type RuntimeName, runtimes } from "../../src/domain/runtimes.ts";

const said = (activity: Candidate["activity"], source: Candidate["source"], at = 0): Candidate => ({
  activity,
  source,
  at,
  detail: "",
  evidence: "",
});

describe("the source that counts", () => {
  const late = 10_000;
  test.each([
    // The agent, what its screen shows 10 s later, what counts.
    ["idle", "idle", "idle", "hook"],
    ["working", "working", "working", "hook"],
    // An Esc in Claude Code ends a turn without a word.
    ["working", "idle", "idle", "screen"],
    // A question that nobody reported, and one that was answered since.
    ["working", "waiting", "waiting", "screen"],
    ["idle", "waiting", "waiting", "screen"],
    ["waiting", "idle", "idle", "screen"],
    ["waiting", "working", "working", "screen"],
    // Words of a transcript may look like work.
    ["idle", "working", "idle", "hook"],
  ] as const)("%s, its screen %s: %s by its %s", (hook, screen, activity, source) => {
    expect(judge(said(hook, "hook"), said(screen, "screen", late))).toMatchObject({
      activity,
      source,
    });
  });

  test("a report of just now is not overruled by a screen that may not be drawn yet", () => {
    const fresh = judge(said("working", "hook", 9_000), said("idle", "screen", late));
    expect(fresh).toMatchObject({ activity: "working", source: "hook" });
    // But a question that can be seen is there.
    const asks = judge(said("working", "hook", 9_900), said("waiting", "screen", late));
    expect(asks).toMatchObject({ activity: "waiting", source: "screen" });
  });

  test("an agent that reports every end works until it says so, or for a minute", () => {
    const idle = (at: number) => judge(said("working", "hook"), said("idle", "screen", at), false);
    // opencode on a busy machine has not drawn its work.
    expect(idle(late)).toMatchObject({ activity: "working", source: "hook" });
    expect(idle(60_000)).toMatchObject({ activity: "idle", source: "screen" });
    const asks = judge(said("working", "hook"), said("waiting", "screen", late), false);
    expect(asks).toMatchObject({ activity: "waiting", source: "screen" });
  });

  test("work below the composer is no words of a transcript, and counts once the report is older", () => {
    const works = (at: number): Candidate => ({
      ...said("working", "screen", at),
      isCertain: true,
    });
    expect(judge(said("idle", "hook"), works(late))).toMatchObject({ source: "screen" });
    expect(judge(said("idle", "hook"), works(1_000))).toMatchObject({ source: "hook" });
  });

  test("one source alone counts, and none says nothing", () => {
    expect(judge(undefined, said("idle", "screen"))).toMatchObject({ source: "screen" });
    expect(judge(said("waiting", "hook"), undefined)).toMatchObject({ source: "hook" });
    expect(judge(undefined, undefined)).toBeUndefined();
  });
});

/** Rows of real screens: Claude Code 2.1.330, pi 0.87.1, codex 0.169.0, opencode 1.18.33, and our canary. */
const screens: [RuntimeName, string, string[], Candidate["activity"], string][] = [
  ["canary", "", ["* working (esc to interrupt)", "────", "› "], "working", ""],
  [
    "canary",
    "",
    ["────", "Permission required: may the canary answer this prompt?", "❯ 1. Yes", "  2. No"],
    "waiting",
    "Permission required: may the canary answer this prompt?",
  ],
  ["canary", "", ["────", "› "], "idle", ""],
  ["claude", "◐ slow", ["❯ "], "working", ""],
  ["claude", "✳ c", ["────", "❯ ", "────", "  ⏵⏵ auto mode on · esc to interrupt"], "working", ""],
  ["claude", "✳ c", ["────", "❯ ", "────", "  ⏵⏵ auto mode on (shift+tab to cycle)"], "idle", ""],
  [
    "claude",
    "✳ c",
    [" Do you want to proceed?", " ❯ 1. Yes", "   2. No", " Esc to cancel · Tab to amend"],
    "waiting",
    "Do you want to proceed?",
  ],
  [
    "claude",
    "✳ c",
    [" Do you want to proceed?", " ❯ No", "   Yes", " Esc to cancel · Tab to amend"],
    "waiting",
    "Do you want to proceed?",
  ],
  ["pi", "π - w", ["── ⠹ Working ─────", "", "──────", "~/w"], "working", ""],
  ["pi", "π - w", ["──────", "", "──────", "~/w"], "idle", ""],
  ["codex", "w", ["• Working (2s • esc to interrupt)", "› "], "working", ""],
  ["codex", "[ ! ] Action Required | w", ["› 1. Yes"], "waiting", "[ ! ] Action Required | w"],
  ["codex", "w", ["› Ask Codex to do anything"], "idle", ""],
  ["opencode", "OpenCode", ["┃", "  esc interrupt"], "working", ""],
  [
    "opencode",
    "OpenCode",
    [
      "  ┃",
      "  ┃  Which database?",
      "  ┃",
      "  ┃  1. alpha",
      "  ┃     first",
      "  ┃  2. Type your own answer",
      "  ┃",
      "  ┃  ↑↓ select  enter submit  esc dismiss",
      "  ┃",
    ],
    "waiting",
    "┃  Which database?",
  ],
  [
    "opencode",
    "OpenCode",
    ["  ┃", "  ┃  Ask anything", ...Array.from({ length: 20 }, () => "")],
    "idle",
    "",
  ],
];

test.each(screens)("the screen of %s, titled %p: %j", (runtime, title, lines, activity, detail) => {
  const seen = readScreen(runtimes[runtime], { title, lines }, 0);
  expect(seen).toMatchObject({ activity, source: "screen", detail });
});

test("what an agent wrote about its footer long ago is no footer", () => {
  const lines = ["esc to interrupt", ...Array.from({ length: 20 }, () => "text"), "────", "❯ "];
  expect(readScreen(runtimes.claude, { title: "✳ c", lines }, 0)?.activity).toBe("idle");
});

test.each(["canary", "claude", "codex", "opencode", "pi"] as const)(
  "%s that has drawn no composer yet is not said to be idle",
  (runtime) => {
    expect(readScreen(runtimes[runtime], { title: "", lines: ["loading"] }, 0)).toBeUndefined();
  },
);

test("words about a question are none beside a composer", () => {
  const lines = ["Press Enter to confirm", " ❯ 1. Yes", "────", "❯ ", "────", "  ⏵⏵ auto mode on"];
  expect(readScreen(runtimes.claude, { title: "✳ c", lines }, 0)?.activity).toBe("idle");
});

test("a clock that was set back keeps no report fresh", () => {
  const judged = judge(said("working", "hook", 3_600_000), said("idle", "screen", 0));
  expect(judged).toMatchObject({ activity: "idle", source: "screen" });
});

test("a program that is no agent tells nothing", () => {
  expect(readScreen(runtimes.command, { title: "", lines: ["$"] }, 0)).toBeUndefined();
});

test.each([
  [["  ⏸ manual mode on · esc to interrupt"], true],
  [["", "? for shortcuts"], undefined],
])("work is certain where no words of anybody stand: a footer %j", (footer, isCertain) => {
  const line = "─".repeat(20);
  const lines = ["● press esc to interrupt", line, "❯", line, ...footer];
  const seen = readScreen(runtimes.claude, { title: "", lines }, 0);
  expect(seen?.activity).toBe("working");
  expect(seen?.isCertain === true).toBe(isCertain === true);
});

test("codex tells in its screen alone why a turn failed", () => {
  const lines = ["› hello", "", "■ unexpected status 401", "", "› Ask Codex", "", "  fake-1"];
  const seen = readScreen(runtimes.codex, { title: "", lines }, 0);
  expect(seen).toMatchObject({ activity: "idle", fault: "■ unexpected status 401" });
});
