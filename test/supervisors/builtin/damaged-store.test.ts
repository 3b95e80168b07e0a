import { expect, test } from "bun:test";
import { builtinFleet } from "../../support/builtin-fleet.ts";

test("a damaged store of messages keeps no fleet from starting and none from being seen", async () => {
  await using fleet = builtinFleet({
    agents: '[{ name: one, args: [sh, -c, "exec sleep 1000"] }]',
  });
  fleet.dir.write("home/.local/state/mosaic/state.db", "garbage".repeat(400));
  const started = await fleet.mosaic("fleet", "start");
  expect([started.exitCode, started.stdout]).toEqual([0, expect.stringContaining("started")]);
  expect(started.stderr).toContain("is damaged, or no database");
  expect((await fleet.mosaic("fleet", "status")).exitCode).toBe(0);
}, 60_000);
