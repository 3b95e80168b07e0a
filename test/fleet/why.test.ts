import { expect, test } from "bun:test";
import { explainEnd } from "../../src/fleet/why.ts";
import { fakeContext } from "../support/fake-context.ts";
import { stubPanes, stubUnits, writeRoster } from "../support/systemd-stubs.ts";

const agentDir = ".local/state/mosaic/agents/one";

test("the black box tells how it ended, how long it ran and what it said", async () => {
  using ctx = fakeContext();
  writeRoster(ctx);
  stubPanes(ctx, []);
  stubUnits(ctx, { one: { ActiveState: "failed", Result: "exit-code", ExecMainStatus: "1" } });
  ctx.home.write(
    `${agentDir}/black-box`,
    "started_at=100\nended_at=160\nstatus=137\nsignal=KILL\nreason=crash\ninstance=i\n",
  );
  ctx.home.write(
    `${agentDir}/last-screen.txt`,
    "\nout of memory\n\nPane is dead (status 137, today)\n",
  );
  expect(await explainEnd(ctx, { name: "one", json: true })).toBe(0);
  expect(JSON.parse(ctx.stdout)).toMatchObject({
    state: "crashed",
    lastEnd: {
      reason: "crash",
      status: 137,
      signal: "SIGKILL",
      uptimeMs: 60_000,
      screen: ["out of memory"],
    },
  });
});

test("an agent that never ended says so", async () => {
  using ctx = fakeContext();
  writeRoster(ctx);
  stubPanes(ctx, [{ session: "one" }]);
  stubUnits(ctx, { one: { ActiveState: "active" } });
  expect(await explainEnd(ctx, { name: "one", json: false })).toBe(0);
  expect(ctx.stdout).toBe(
    "one: running, 0 restarts\nit has not ended since its state folder was made\n",
  );
});
