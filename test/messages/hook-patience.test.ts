// A hook holds its agent up: whoever has the store locked costs the agent a moment, and no report.
import { expect, test } from "bun:test";
import { Database } from "bun:sqlite";
import { mkdirSync } from "node:fs";
import { mosaicBinary } from "../support/mosaic-binary.ts";
import { runCommand } from "../support/run-command.ts";
import { tempHome } from "../support/temp-home.ts";
import { eventually } from "../support/eventually.ts";
import { takeLateReports } from "../../src/messages/late-reports.ts";
import { lastReport } from "../../src/store/reports.ts";
import { openStore } from "../../src/store/store.ts";
import { fakeContext } from "../support/fake-context.ts";

/** Beside three waits of 150 ms it is a start of ours, on a machine that does more than this. */
const mostMs = 1_500;

test.each(["IMMEDIATE", "EXCLUSIVE"])(
  "a store that is locked (%s) does not keep an agent waiting",
  async (lock) => {
    using home = tempHome();
    const binary = await mosaicBinary();
    const env = {
      HOME: home.path,
      PATH: "/usr/bin:/bin",
      MOSAIC_AGENT: "lead",
      MOSAIC_INSTANCE: "0123abcd",
    };
    const hook = (event: string) =>
      runCommand([binary, "hook", "run", event], { env, stdin: "{}", timeoutMs: 20_000 });
    await hook("session-started");
    const state = home.at(".local/state/mosaic");
    using store = new Database(`${state}/state.db`);
    // In WAL mode an exclusive lock keeps no reader out; without it, it does.
    if (lock === "EXCLUSIVE") store.run("PRAGMA journal_mode = DELETE");
    store.run(`BEGIN ${lock}`);
    const beganAt = performance.now();
    const { exitCode } = await hook("working");
    const tookMs = performance.now() - beganAt;
    store.run("COMMIT");
    expect(exitCode).toBe(0);
    expect(tookMs).toBeLessThan(mostMs);
  },
  30_000,
);

test("what is said while another one brings in what was late comes behind it", async () => {
  using ctx = fakeContext();
  mkdirSync(ctx.home.at(".local/state/mosaic/agents/lead/late"), { recursive: true });
  ctx.home.write(
    ".local/state/mosaic/agents/lead/late/0000000000000001-a.json",
    JSON.stringify({
      report: { kind: "working", session: "s" },
      agent: "lead",
      instance: "i",
      at: 1,
    }),
  );
  using store = await openStore(ctx);
  const folder = { agent: "lead", patienceMs: 0 };
  {
    using _ = await ctx.files.tryLock(ctx.home.at(".local/state/mosaic/agents/lead/late.lock"));
    expect(await takeLateReports(ctx, store, folder)).toBe(false);
  }
  expect(await takeLateReports(ctx, store, folder)).toBe(true);
  await eventually(() => lastReport(store, { agent: "lead", instance: "i" }) !== undefined);
});
