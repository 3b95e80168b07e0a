// What a unit's properties mean. Those of the failed units are what systemd 252 showed for real ones.
import { expect, test } from "bun:test";
import type { SupervisedAgent } from "../../../src/domain/agent-state.ts";
import { stateOf, type UnitHistory } from "../../../src/supervisors/systemd/unit-state.ts";

const failedAt = 1_795_343_462;
const shown = { LoadState: "loaded", StateChangeTimestamp: `@${failedAt}` };
const policy = { policy: "on-failure", burst: 3, windowMs: 900_000 } as const;
const thrice = [failedAt - 1, failedAt - 1, failedAt].map((seconds) => seconds * 1000);

/** Three runs of `sleep 0.1; exit 7`, StartLimitBurst=3: systemd counts the restart that it refused. */
const givenUp = {
  ...shown,
  ActiveState: "failed",
  SubState: "failed",
  Result: "exit-code",
  NRestarts: "3",
  ExecMainCode: "1",
  ExecMainStatus: "7",
  StatusText: "pane %6, pid 11673",
};
const parked = { ...givenUp, NRestarts: "0", ExecMainStatus: "78" };
/** The script of an agent with Restart=no, after SIGKILL. */
const killed = {
  ...givenUp,
  Result: "signal",
  NRestarts: "0",
  ExecMainCode: "2",
  ExecMainStatus: "9",
};

const inPause = {
  ...shown,
  ActiveState: "activating",
  SubState: "start",
  Result: "success",
  NRestarts: "1",
  ExecMainCode: "0",
  ExecMainStatus: "0",
  StatusText: "waits 20000 ms after a crash",
};

const words: [string, Record<string, string>, SupervisedAgent["state"], string][] = [
  ["active", { ...shown, ActiveState: "active" }, "running", ""],
  ["not ready yet", { ...shown, ActiveState: "activating", SubState: "start" }, "starting", ""],
  ["in its pause", inPause, "backoff", "waits 20000 ms after a crash"],
  [
    "waiting for systemd, with the status of the run that crashed",
    { ...givenUp, ActiveState: "activating", SubState: "auto-restart", NRestarts: "1" },
    "backoff",
    "restarts after a crash",
  ],
  ["stopping", { ...shown, ActiveState: "deactivating" }, "stopped", "stopping"],
  ["down", { ...shown, ActiveState: "inactive" }, "stopped", ""],
  ["unknown", { LoadState: "not-found", ActiveState: "inactive" }, "stopped", "unit not installed"],
  ["given up", givenUp, "failed", "gave up after 3 starts within 15m (exit 7)"],
  ["parked", parked, "failed", "configuration or login (exit 78)"],
];

test.each(words)("a unit that is %s", (_, unit, state, reason) => {
  const said = stateOf(unit, { policy, startsMs: thrice });
  expect(said).toMatchObject({ state, reason, needsPerson: unit === parked });
});

test("since when it is so comes from the unit", () => {
  expect(stateOf(givenUp, { policy, startsMs: thrice }).sinceMs).toBe(failedAt * 1000);
  expect(stateOf({}, { policy, startsMs: [] }).sinceMs).toBe(0);
});

function reasonOf(unit: Record<string, string>, history: UnitHistory): string {
  return stateOf(unit, history).reason;
}

test("who gave up, and after how many starts", () => {
  const once = [failedAt * 1000];
  // The policy wants no restart, so nobody gave up.
  const never = { ...policy, policy: "never" } as const;
  expect(reasonOf({ ...killed }, { policy: never, startsMs: once })).toBe("ended by SIGKILL");
  // Fewer starts than the burst: somebody else has stopped it.
  expect(reasonOf({ ...givenUp, NRestarts: "0" }, { policy, startsMs: once })).toBe("exit 7");
  // Starts that came to nothing leave no line; systemd has counted them.
  expect(reasonOf(givenUp, { policy, startsMs: once })).toBe(
    "gave up after 3 starts within 15m (exit 7)",
  );
  // Starts before the window do not count.
  const old = thrice.map((at) => at - 2 * policy.windowMs);
  expect(reasonOf({ ...givenUp, NRestarts: "0" }, { policy, startsMs: old })).toBe("exit 7");
  // The roster no longer has it, and with it the burst.
  expect(reasonOf(givenUp, { policy: undefined, startsMs: thrice })).toBe("exit 7");
});
