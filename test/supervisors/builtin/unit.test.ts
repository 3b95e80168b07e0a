// The state machine of one supervised agent.
import { describe, expect, test } from "bun:test";
import type { RestartPolicy } from "../../../src/domain/roster.ts";
import {
  newUnit,
  type Step,
  step,
  supervised,
  type Unit,
  type UnitEvent,
} from "../../../src/supervisors/builtin/unit.ts";

const policy: RestartPolicy = {
  policy: "on-failure",
  burst: 2,
  windowMs: 60_000,
  backoffMs: 100,
  backoffMaxMs: 1000,
};

const start: UnitEvent = { kind: "start", policy };
const ready: UnitEvent = { kind: "line", line: "lead: ready pane=%1 pid=42" };
const crash: UnitEvent = { kind: "ended", end: { exitCode: 1, signal: null } };
const clean: UnitEvent = { kind: "ended", end: { exitCode: 0, signal: null } };

/** The unit after all events, one second apart. */
function after(...events: UnitEvent[]): Step {
  let last: Step = { unit: newUnit("lead", policy), spawn: false };
  for (const [index, event] of events.entries()) last = step(last.unit, event, (index + 1) * 1000);
  return last;
}

function shown({ unit, spawn }: Step) {
  const { state, reason, restarts } = supervised(unit);
  return { state, reason, restarts, spawn };
}

test("a start runs the script, its ready line makes it running, with the time of each", () => {
  expect(shown(after(start))).toEqual({ state: "starting", reason: "", restarts: 0, spawn: true });
  const { unit } = after(start, ready);
  expect(supervised(unit)).toEqual({
    name: "lead",
    state: "running",
    reason: "",
    needsPerson: false,
    restarts: 0,
    sinceMs: 2000,
  });
});

test("a crash is counted and runs the script again; a pause of it is a backoff", () => {
  expect(shown(after(start, ready, crash))).toEqual({
    state: "starting",
    reason: "",
    restarts: 1,
    spawn: true,
  });
  const pause: UnitEvent = { kind: "line", line: "lead: backoff 200 ms after a crash" };
  expect(shown(after(start, ready, crash, pause))).toMatchObject({
    state: "backoff",
    reason: "waits 200 ms after a crash",
  });
  expect(shown(after(start, ready, crash, pause, ready))).toMatchObject({
    state: "running",
    restarts: 1,
  });
});

test("after the burst it stays down, until a person starts it with a clean sheet", () => {
  const down = [start, ready, crash, ready, crash];
  expect(shown(after(...down))).toMatchObject({ state: "failed", restarts: 1, spawn: false });
  expect(shown(after(...down, start, ready, crash))).toMatchObject({
    state: "starting",
    restarts: 1,
    spawn: true,
  });
});

test("what the script says to be wrong is the reason when it ends over it", () => {
  const said: UnitEvent = { kind: "line", line: "mosaic: lead: the session lead is not ours" };
  const config: UnitEvent = { kind: "ended", end: { exitCode: 78, signal: null } };
  expect(shown(after(start, said, config))).toEqual({
    state: "failed",
    reason: "configuration or login (exit 78): the session lead is not ours",
    restarts: 0,
    spawn: false,
  });
  expect(supervised(after(start, said, config).unit).needsPerson).toBe(true);
  expect(supervised(after(start, said, config, start).unit).needsPerson).toBe(false);
});

test("lines of other agents and of the runtime change nothing", () => {
  const { unit } = after(start);
  for (const line of ["lead2: ready pane=%1 pid=1", "mosaic: other: wrong", "ready", ""]) {
    expect(step(unit, { kind: "line", line }, 9000).unit).toEqual(unit);
  }
});

describe("a stop", () => {
  const stop: UnitEvent = { kind: "stop" };

  test("whatever the script says or how it ends during a stop, nothing is run", () => {
    for (const event of [ready, crash, clean]) {
      expect(shown(after(start, ready, stop, event))).toEqual({
        state: "stopped",
        reason: "stopping",
        restarts: 0,
        spawn: false,
      });
    }
  });

  test("is over when nothing is left", () => {
    expect(shown(after(start, ready, stop, crash, { kind: "stopped" }))).toMatchObject({
      state: "stopped",
      reason: "",
    });
  });
});

test("an agent that was not ready in time has failed, however its script ended", () => {
  const late: UnitEvent = { kind: "late", afterMs: 180_000 };
  expect(shown(after(start, late, clean))).toMatchObject({
    state: "starting",
    restarts: 1,
    spawn: true,
  });
  expect(shown(after(start, late, clean, late, clean))).toMatchObject({
    state: "failed",
    reason: expect.stringContaining("not ready after 180 s"),
  });
});

test("an agent that nobody started is stopped", () => {
  const unit: Unit = newUnit("lead", policy);
  expect(supervised(unit)).toEqual({
    name: "lead",
    state: "stopped",
    reason: "",
    needsPerson: false,
    restarts: 0,
    sinceMs: 0,
  });
});
