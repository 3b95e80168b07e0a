import { expect, test } from "bun:test";
import { agentStatus, fleetStatus } from "../../src/fleet/status.ts";
import { fakeContext } from "../support/fake-context.ts";
import { stubPanes, stubUnits, writeRoster } from "../support/systemd-stubs.ts";

const active = { ActiveState: "active" };

test("a fleet that runs is 0, in two execs", async () => {
  using ctx = fakeContext();
  writeRoster(ctx);
  stubPanes(ctx, [{ session: "one" }, { session: "two" }]);
  stubUnits(ctx, { one: active, two: active });
  expect(await fleetStatus(ctx, { json: false })).toBe(0);
  expect(ctx.stdout).toContain(
    "fleet on socket mosaic-factory, supervisor systemd, tmux server running",
  );
  expect(ctx.stdout).toMatch(/one +command +running +process +101/);
  expect(ctx.execCalls.length).toBe(2);
  ctx.done();
});

test("a dead pane under an active unit is reported as dead, exit 3", async () => {
  using ctx = fakeContext();
  writeRoster(ctx);
  stubPanes(ctx, [{ session: "one", isDead: true }, { session: "two" }]);
  stubUnits(ctx, { one: active, two: active });
  expect(await agentStatus(ctx, { name: "one", json: true, explain: false })).toBe(3);
  expect(JSON.parse(ctx.stdout)).toMatchObject({
    schemaVersion: 1,
    agents: [
      { name: "one", state: "dead", source: "process", reason: "its pane is dead", pid: null },
    ],
  });
});

test("a session of the agent's name that a person made is not the agent", async () => {
  using ctx = fakeContext();
  writeRoster(ctx);
  stubPanes(ctx, [{ session: "one", agent: "" }]);
  stubUnits(ctx, { one: { ActiveState: "inactive" }, two: { ActiveState: "inactive" } });
  expect(await fleetStatus(ctx, { json: true })).toBe(3);
  expect(JSON.parse(ctx.stdout)).toMatchObject({
    foreignSessions: ["one"],
    agents: [{ state: "stopped" }, { state: "stopped" }],
  });
});

test("a foreign tmux server is named and none of its sessions counts", async () => {
  using ctx = fakeContext();
  writeRoster(ctx);
  stubPanes(ctx, [{ session: "one" }], "/somebody/else");
  stubUnits(ctx, { one: active, two: active });
  expect(await fleetStatus(ctx, { json: false })).toBe(3);
  expect(ctx.stdout).toContain("tmux server NOT OURS");
  expect(ctx.stdout).toMatch(/one +command +dead/);
});

test("an agent that is no longer in the roster is shown", async () => {
  using ctx = fakeContext();
  writeRoster(ctx);
  stubPanes(ctx, [{ session: "one" }, { session: "two" }, { session: "gone" }]);
  stubUnits(ctx, { one: active, two: active });
  expect(await fleetStatus(ctx, { json: false })).toBe(0);
  expect(ctx.stdout).toContain("gone runs but is not in the roster");
});

test("without tmux the cause and the command are named", async () => {
  using ctx = fakeContext();
  writeRoster(ctx);
  ctx.allowExec((argv) => argv[0] === "tmux", { exitCode: 127 });
  stubUnits(ctx, {});
  const fault = await fleetStatus(ctx, { json: false }).catch((error: unknown) => error);
  expect(fault).toMatchObject({ message: "tmux is not installed", hint: "apt-get install tmux" });
});
