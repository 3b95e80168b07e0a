import { expect, test } from "bun:test";
import { builtinFleet } from "../../support/builtin-fleet.ts";
import { eventually } from "../../support/eventually.ts";

test("an agent whose name begins another one's comes back when its session was killed", async () => {
  const argv = '[sh, -c, "exec sleep 1000"]';
  await using fleet = builtinFleet({
    agents: `[{ name: k, args: ${argv} }, { name: k2, args: ${argv} }]`,
  });
  expect((await fleet.mosaic("fleet", "start")).exitCode).toBe(0);
  // Only k2 is left: without a colon tmux takes "=k" for it, and a window's name for a session's.
  await fleet.tmux("kill-session", "-t", "=k");
  await eventually(async () => (await fleet.mosaic("agent", "status", "k")).exitCode === 0, {
    what: "k to run again",
    timeoutMs: 15_000,
  });
  expect((await fleet.mosaic("fleet", "verify")).exitCode).toBe(0);
}, 60_000);
