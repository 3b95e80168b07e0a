import { expect, test } from "bun:test";
import type { SupervisedAgent } from "../../../src/domain/agent-state.ts";
import { parseListed, parseShow, stateOf } from "../../../src/supervisors/systemd/systemctl.ts";

test("systemctl show prints one block per unit", () => {
  const shown =
    "Id=mosaic-agent@a.service\nActiveState=active\n\nId=mosaic-agent@b.service\nStatusText=x=y\n";
  expect([...parseShow(shown)]).toEqual([
    ["mosaic-agent@a.service", { Id: "mosaic-agent@a.service", ActiveState: "active" }],
    ["mosaic-agent@b.service", { Id: "mosaic-agent@b.service", StatusText: "x=y" }],
  ]);
});

const states: [Record<string, string>, SupervisedAgent["state"], string][] = [
  [{ ActiveState: "active" }, "running", ""],
  [{ ActiveState: "activating", SubState: "start" }, "starting", ""],
  [
    { ActiveState: "activating", SubState: "start", StatusText: "waits 2000 ms after a crash" },
    "backoff",
    "waits 2000 ms after a crash",
  ],
  [{ ActiveState: "activating", SubState: "auto-restart" }, "backoff", "restarts after a crash"],
  [{ ActiveState: "deactivating" }, "stopped", "stopping"],
  [{ ActiveState: "inactive", LoadState: "loaded" }, "stopped", ""],
  [{ ActiveState: "inactive", LoadState: "not-found" }, "stopped", "unit not installed"],
  [
    { ActiveState: "failed", Result: "start-limit-hit", ExecMainStatus: "1" },
    "failed",
    "crashed too often, so it stays down",
  ],
  [
    { ActiveState: "failed", Result: "exit-code", ExecMainStatus: "78" },
    "failed",
    "configuration or login (exit 78), so it stays down",
  ],
  [
    { ActiveState: "failed", Result: "exit-code", ExecMainStatus: "203" },
    "failed",
    "unit failed (exit 203)",
  ],
  [{ ActiveState: "failed", Result: "timeout" }, "failed", "unit failed (timeout)"],
];

test.each(states)("%o is %s (%s)", (unit, state, reason) => {
  const said = stateOf({ ...unit, StateChangeTimestamp: "@1795339198" });
  expect(said).toEqual({ state, reason, sinceMs: 1_795_339_198_000 });
});

test("list-units tells which units just run", () => {
  const listed = [
    "mosaic-agent@a.service loaded active running Mosaic agent a",
    "mosaic-agent@b.service loaded failed failed Mosaic agent b",
    "",
  ].join("\n");
  expect([...parseListed(listed)]).toEqual([
    ["mosaic-agent@a.service", true],
    ["mosaic-agent@b.service", false],
  ]);
});
