// What start and restart do before anything runs.
import { expect, test } from "bun:test";
import { startFleet } from "../../src/fleet/start.ts";
import { fakeContext } from "../support/fake-context.ts";
import { stubManager, stubUnits, writeRoster } from "../support/systemd-stubs.ts";

const cats = `version: 1
socket: mosaic-factory
defaults: { runtime: command, workdir: / }
agents:
  - { name: one, args: [/bin/sh] }
  - { name: two, args: [/bin/sh] }
`;

test("when the holder cannot come, nothing is being written any more by the time it is said", async () => {
  using ctx = fakeContext();
  writeRoster(ctx, cats);
  stubManager(ctx);
  stubUnits(ctx, {});
  let [begun, ended] = [0, 0];
  const { files } = ctx;
  ctx.files = {
    ...files,
    async write(path, ...others) {
      const isLaunch = path.endsWith("/launch.sh");
      begun += Number(isLaunch);
      // Slower than the refusal.
      const turns = isLaunch ? 20 : 0;
      for (let turn = 0; turn < turns; turn++) await ctx.clock.sleep(0);
      await files.write(path, ...others);
      ended += Number(isLaunch);
    },
  };
  const fault = await startFleet(ctx, { names: [], json: false }).catch((error: unknown) => error);
  expect(fault).toMatchObject({
    message: "the systemd units are not installed",
    exitCode: 3,
    hint: "mosaic fleet install-systemd",
  });
  expect({ begun, ended }).toEqual({ begun: 2, ended: 2 });
});
