// The restart lock against a model that knows nothing of files (test/support/lock-model.ts). What happens one after the
// other is foretold whole; of those who try at the same moment, how many get it. The steps are in
// test/support/lock-model-steps.ts.
import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { lockFiles } from "../../src/domain/names.ts";
import { acquireLock } from "../../src/lock/restart-lock.ts";
import { emptyModel, lockWait } from "../support/lock-model.ts";
import { lockSteps } from "../support/lock-model-steps.ts";
import { lockName, lockRun, type LockRun } from "../support/lock-run.ts";

test("whatever becomes of holders, waiters and commands, it is held by whom the model names", async () => {
  await fc.assert(
    fc.asyncProperty(fc.commands(lockSteps, { maxCommands: 40, size: "max" }), async (commands) => {
      const model = emptyModel();
      using run = lockRun(model);
      await fc.asyncModelRun(() => ({ model, real: run }), commands);
      await expectEnd(run);
    }),
    { numRuns: 200 },
  );
}, 60_000);

/** Somebody new gets it, and gives it back; those before have lost it, the dead, should they rise, included. */
async function expectEnd({ world, actors, holds, strangers }: LockRun): Promise<void> {
  const { ctx } = world.actor(9000);
  const options = { purpose: "the end", ...lockWait({ waits: true, breaks: true }) };
  const last = await world.until(acquireLock(ctx, lockName, options));
  const text = await world.text(ctx, lockName);
  for (const actor of actors.values()) actor.go();
  for (const [{ end }, held] of holds) {
    expect(await world.until(held.release())).toBe(end ?? "lost");
    expect(await world.text(ctx, lockName)).toBe(text);
  }
  expect(await world.until(last.release())).toBe("released");
  expect(await ctx.files.list(lockFiles(ctx.paths).dir)).toEqual([]);
  expect([...strangers].filter((pid) => !world.isThere(pid))).toEqual([]);
  // Nobody beats any more.
  await world.clock.advance(5_000);
  expect(world.clock.sleepers).toBe(0);
}
