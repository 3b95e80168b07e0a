import { expect, test } from "bun:test";
import { fleetSupervisor } from "../../../src/doctor/checks/fleet-supervisor.ts";
import { holderFiles } from "../../../src/supervisors/builtin/protocol.ts";
import { stubPanes } from "../../support/systemd-stubs.ts";
import { doctorContext, examine } from "../examine.ts";

const agents = "agents: [{ name: one, runtime: canary }]\n";
const roster = `socket: s\nsupervisor: builtin\n${agents}`;
const fix = "mosaic fleet start";

test("a fleet that was never started, or was stopped, is a warning", async () => {
  using ctx = doctorContext({ roster });
  stubPanes(ctx, []);
  const detail = "the builtin supervisor does not run, so no agent of the roster does";
  expect(await examine(ctx, fleetSupervisor)).toEqual({ status: "warning", detail, fix });
});

test("one whose supervisor was killed is a problem, with its agents or without", async () => {
  using ctx = doctorContext({ roster });
  const { contact, socket } = holderFiles(ctx.paths, "s");
  await ctx.files.write(contact, JSON.stringify({ pid: 1, version: "0.0.0", socket }), 0o600);
  stubPanes(ctx, []);
  expect(await examine(ctx, fleetSupervisor)).toEqual({
    status: "problem",
    detail: "the builtin supervisor is gone, and no agent of the roster runs",
    fix,
  });
});

test("agents without a supervisor are named", async () => {
  using ctx = doctorContext({ roster });
  stubPanes(ctx, [{ session: "one" }]);
  const detail = "no supervisor runs, and one runs: nothing restarts it";
  expect(await examine(ctx, fleetSupervisor)).toEqual({ status: "problem", detail, fix });
});

test("systemd's fleet has none of its own", async () => {
  using ctx = doctorContext({ manager: "running", roster: `socket: s\n${agents}` });
  expect(await examine(ctx, fleetSupervisor)).toMatchObject({ status: "ok" });
});
