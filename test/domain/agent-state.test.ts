import { expect, test } from "bun:test";
import {
  agentState,
  type AgentStateName,
  type PaneFacts,
  type SupervisedAgent,
} from "../../src/domain/agent-state.ts";

const pane: PaneFacts = {
  session: "a",
  agent: "a",
  instance: "i",
  paneId: "%1",
  panePid: 10,
  isDead: false,
  isAttached: false,
  createdAt: 0,
};
const said = (
  state: SupervisedAgent["state"],
  reason = "",
  needsPerson = false,
): SupervisedAgent => ({
  name: "a",
  state,
  reason,
  needsPerson,
  restarts: 0,
  sinceMs: 0,
});

const table: [
  string,
  SupervisedAgent | undefined,
  PaneFacts | undefined,
  AgentStateName,
  string,
][] = [
  ["running with a living pane", said("running"), pane, "running", ""],
  ["running without a session", said("running"), undefined, "dead", "its tmux session is gone"],
  [
    "running with a dead pane",
    said("running"),
    { ...pane, isDead: true },
    "dead",
    "its pane is dead",
  ],
  [
    "of which no supervisor says anything",
    { ...said("stopped", "no supervisor runs"), isUnknown: true },
    undefined,
    "stopped",
    "no supervisor runs",
  ],
  ["starting", said("starting"), pane, "starting", ""],
  [
    "in backoff",
    said("backoff", "waits 2 s"),
    { ...pane, isDead: true },
    "restarting",
    "waits 2 s",
  ],
  [
    "failed by crashes",
    said("failed", "crashed too often"),
    undefined,
    "crashed",
    "crashed too often",
  ],
  [
    "failed by login",
    said("failed", "whatever it says", true),
    undefined,
    "parked",
    "whatever it says",
  ],
  ["stopped", said("stopped"), undefined, "stopped", ""],
  ["unknown to the supervisor", undefined, undefined, "stopped", ""],
  [
    "living but not supervised",
    said("stopped"),
    pane,
    "running",
    "not supervised: nothing will restart it",
  ],
];

test.each(table)("%s", (_, supervised, seen, state, reason) => {
  expect(agentState(supervised, seen)).toMatchObject({ state, reason });
});

test("what no supervisor says is the word of the processes", () => {
  const nobody = { ...said("stopped", "no supervisor runs"), isUnknown: true };
  expect(agentState(nobody, undefined).source).toBe("process");
  expect(agentState(said("stopped"), undefined).source).toBe("supervisor");
});
