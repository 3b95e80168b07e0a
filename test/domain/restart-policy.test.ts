// The restart policy as a table: what systemd's Restart=, RestartPreventExitStatus=78 and StartLimitBurst= do.
import { describe, expect, test } from "bun:test";
import { formatDuration, parseDuration } from "../../src/domain/duration.ts";
import {
  afterEnd,
  describeEnd,
  startTimeoutMs,
  type UnitEnd,
} from "../../src/domain/restart-policy.ts";
import type { RestartMode } from "../../src/domain/roster.ts";

const minute = 60_000;
const now = 1_000_000_000;
const limits = { burst: 5, windowMs: 15 * minute };

function exit(exitCode: number): UnitEnd {
  return { exitCode, signal: null };
}

const killed: UnitEnd = { exitCode: null, signal: "SIGKILL" };

function starts(...minutesAgo: number[]): number[] {
  return minutesAgo.map((ago) => now - ago * minute);
}

function decide(policy: RestartMode, end: UnitEnd, startsMs: readonly number[] = [now - 1000]) {
  return afterEnd({ policy: { policy, ...limits }, end, startsMs, nowMs: now });
}

describe("who is restarted", () => {
  const table: [RestartMode, string, UnitEnd, "restart" | "stopped" | "failed"][] = [
    ["on-failure", "a clean end", exit(0), "stopped"],
    ["on-failure", "a crash", exit(1), "restart"],
    ["on-failure", "the highest crash code", exit(63), "restart"],
    ["on-failure", "a lost tmux server", exit(75), "restart"],
    ["on-failure", "a script that sh could not run", exit(127), "restart"],
    ["on-failure", "a signal", killed, "restart"],
    ["on-failure", "a configuration error", exit(78), "failed"],
    ["always", "a clean end", exit(0), "restart"],
    ["always", "a crash", exit(1), "restart"],
    ["always", "a signal", killed, "restart"],
    ["always", "a configuration error", exit(78), "failed"],
    ["never", "a clean end", exit(0), "stopped"],
    ["never", "a crash", exit(1), "failed"],
    ["never", "a lost tmux server", exit(75), "failed"],
    ["never", "a signal", killed, "failed"],
    ["never", "a configuration error", exit(78), "failed"],
  ];
  test.each(table)("%s after %s", (policy, _, end, expected) => {
    const decision = decide(policy, end);
    expect(decision.action === "stop" ? decision.state : decision.action).toBe(expected);
  });
});

describe("the burst", () => {
  test("the start after the last one of a burst is refused, and says what was counted", () => {
    expect(decide("on-failure", exit(3), starts(10, 8, 6, 4)).action).toBe("restart");
    expect(decide("on-failure", exit(3), starts(10, 8, 6, 4, 2))).toEqual({
      action: "stop",
      state: "failed",
      reason: "gave up after 5 starts within 15m (exit 3)",
      needsPerson: false,
    });
  });

  test("starts before the window do not count", () => {
    expect(decide("on-failure", exit(3), starts(60, 30, 16, 4, 2)).action).toBe("restart");
    expect(decide("on-failure", exit(3), starts(15, 8, 6, 4, 2)).action).toBe("restart");
  });

  test("it bounds `always` too", () => {
    expect(decide("always", exit(0), starts(5, 4, 3, 2, 1)).action).toBe("stop");
  });

  test("an end that needs no restart is none of its business", () => {
    expect(decide("on-failure", exit(0), starts(5, 4, 3, 2, 1))).toEqual({
      action: "stop",
      state: "stopped",
      reason: "it ended by itself (exit 0)",
      needsPerson: false,
    });
  });
});

test("only exit 78 needs a person", () => {
  expect(decide("always", exit(78))).toEqual({
    action: "stop",
    state: "failed",
    reason: "configuration or login (exit 78)",
    needsPerson: true,
  });
  expect(decide("never", exit(1))).toMatchObject({ state: "failed", needsPerson: false });
});

test("a start may take the longest pause and a while, three minutes at least", () => {
  expect([60_000, 600_000].map((backoffMaxMs) => startTimeoutMs({ backoffMaxMs }))).toEqual([
    180_000, 690_000,
  ]);
});

test("an end in words", () => {
  expect([exit(4), exit(75), killed].map(describeEnd)).toEqual([
    "exit 4",
    "the tmux session was lost, exit 75",
    "ended by SIGKILL",
  ]);
});

test.each(["1ms", "1500ms", "20s", "15m", "2h", "3d"])("the duration %s reads back", (text) => {
  expect(formatDuration(parseDuration(text) ?? 0)).toBe(text);
});
