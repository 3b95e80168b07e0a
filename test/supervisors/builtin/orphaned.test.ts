// What becomes of agents that the roster no longer names, and of those that a killed supervisor left.
import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { openDatabase } from "../../../src/adapters/sqlite.ts";
import { addMessage } from "../../../src/store/new-message.ts";
import { builtinFleet } from "../../support/builtin-fleet.ts";
import { eventually } from "../../support/eventually.ts";
import { isRunning, signal } from "../../support/processes.ts";

const one = "\n  - { name: one, runtime: canary }";
const ghost = "\n  - { name: ghost, runtime: canary }";

test("an agent taken out of the roster while it runs is told by all who look, its queue ends, and it can be stopped", async () => {
  await using fleet = builtinFleet({ agents: `${one}${ghost}` });
  expect((await fleet.mosaic("fleet", "start")).exitCode).toBe(0);
  await fleet.mosaic("agent", "send", "ghost", "-m", "hello");
  const path = fleet.dir.at("home/.config/mosaic/fleet/roster.yaml");
  fleet.dir.write(
    "home/.config/mosaic/fleet/roster.yaml",
    readFileSync(path, "utf8").replace(ghost.slice(1), ""),
  );
  const state = fleet.dir.at("home/.local/state/mosaic/state.db");
  {
    using store = await openDatabase(state, { create: false });
    if (store === undefined) throw new Error("nothing was reported");
    const createdAt = Date.now();
    const waits = { label: "x", body: "for nobody", key: undefined, sender: undefined };
    const times = { createdAt, expiresAt: createdAt + 3_600_000 };
    addMessage(store, { id: "waits", agent: "ghost", isNow: false, ...waits, ...times });
  }
  const hint = "mosaic fleet stop ghost";
  expect((await fleet.mosaic("fleet", "status")).stdout).toContain(hint);
  expect((await fleet.mosaic("fleet", "verify")).stdout).toContain(hint);
  expect((await fleet.mosaic("doctor")).stdout).toContain("ghost runs but is not in the roster");
  expect((await fleet.mosaic("fleet", "start")).stderr).toContain(hint);
  const of = async () =>
    JSON.parse((await fleet.mosaic("agent", "messages", "--id", "waits", "--json")).stdout)
      .messages[0];
  expect(await of()).toMatchObject({
    status: "refused",
    reason: "the agent is not in the roster any more",
  });
  const stopped = await fleet.mosaic("fleet", "stop", "ghost");
  expect([stopped.exitCode, stopped.stdout]).toEqual([0, expect.stringContaining("stopped")]);
  expect((await fleet.mosaic("fleet", "status")).stdout).not.toContain("ghost");
}, 60_000);

test("a start after a killed supervisor says that its agents run already, and keeps how often they were restarted", async () => {
  await using fleet = builtinFleet({ agents: one });
  expect((await fleet.mosaic("fleet", "start")).exitCode).toBe(0);
  const now = async () =>
    JSON.parse((await fleet.mosaic("fleet", "status", "--json")).stdout).agents[0];
  const first = await now();
  signal(first.pid, "SIGKILL");
  await eventually(now, {
    until: ({ state, restarts, pid }) => state === "running" && restarts === 1 && pid !== first.pid,
    timeoutMs: 20_000,
  });
  const contact = fleet.dir.at("home/.local/state/mosaic/fleet-mosaic-t.json");
  const { pid } = JSON.parse(readFileSync(contact, "utf8"));
  signal(pid, "SIGKILL");
  await eventually(() => !isRunning(pid));
  const again = await fleet.mosaic("fleet", "start");
  expect([again.exitCode, again.stdout]).toEqual([0, "one  already running\n"]);
  await eventually(now, { until: ({ restarts }) => restarts === 1 });
}, 60_000);
