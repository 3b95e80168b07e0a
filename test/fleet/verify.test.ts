import { expect, test } from "bun:test";
import { verifyFleet } from "../../src/fleet/verify.ts";
import { fakeContext } from "../support/fake-context.ts";
import { stubPanes, stubUnits, writeRoster } from "../support/systemd-stubs.ts";

const active = { ActiveState: "active" };
const wrapper = { pid: 101, argv: ["sh", "agent-pane.sh"] };

test("an agent is proven by session, pane, process and unit", async () => {
  using ctx = fakeContext({ processes: [wrapper, { pid: 200, parentPid: 101, argv: ["cat"] }] });
  writeRoster(
    ctx,
    "version: 1\nsocket: s\nagents: [{ name: one, runtime: command, args: [cat], workdir: / }]\n",
  );
  stubPanes(ctx, [{ session: "one", pid: 101 }]);
  stubUnits(ctx, { one: active });
  expect(await verifyFleet(ctx, { json: false })).toBe(0);
  expect(ctx.stdout).toBe(
    "ok      one: session =one, pane %1 pid 101, process cat pid 200, unit running\n",
  );
});

test("each missing evidence is named, exit 3", async () => {
  using ctx = fakeContext({ processes: [wrapper] });
  writeRoster(ctx);
  stubPanes(ctx, [{ session: "one", pid: 101 }]);
  stubUnits(ctx, { one: active, two: { ActiveState: "failed", Result: "start-limit-hit" } });
  expect(await verifyFleet(ctx, { json: true })).toBe(3);
  const { agents } = JSON.parse(ctx.stdout);
  const failed = agents.map((agent: { evidence: { check: string; ok: boolean }[] }) =>
    agent.evidence.filter((one) => !one.ok).map((one) => one.check),
  );
  expect(failed).toEqual([["process"], ["session", "pane", "process", "unit"]]);
});

test("an active unit over a shell that the runtime left behind is no proof", async () => {
  using ctx = fakeContext({ processes: [wrapper, { pid: 200, parentPid: 101, argv: ["bash"] }] });
  writeRoster(ctx, "version: 1\nsocket: s\nagents: [{ name: one, runtime: pi, workdir: / }]\n");
  stubPanes(ctx, [{ session: "one", pid: 101 }]);
  stubUnits(ctx, { one: active });
  expect(await verifyFleet(ctx, { json: false })).toBe(3);
  expect(ctx.stdout).toContain("FAILED  one: process no pi process below the pane");
});

test("one that runs and has left the roster is told, with what ends it, and fails nothing", async () => {
  using ctx = fakeContext({ processes: [wrapper, { pid: 200, parentPid: 101, argv: ["cat"] }] });
  writeRoster(
    ctx,
    "version: 1\nsocket: s\nagents: [{ name: one, runtime: command, args: [cat], workdir: / }]\n",
  );
  stubPanes(ctx, [{ session: "one", pid: 101 }, { session: "ghost" }]);
  stubUnits(ctx, { one: active });
  expect(await verifyFleet(ctx, { json: false })).toBe(0);
  expect(ctx.stdout).toContain(
    "warning ghost: runs but is not in the roster\n        hint: mosaic fleet stop ghost\n",
  );
});
