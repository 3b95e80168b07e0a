// The log of hooks' faults: bounded, and never at its end.
import { expect, test } from "bun:test";
import { hookLog } from "../../src/domain/names.ts";
import { logHookFault } from "../../src/messages/hook-log.ts";
import { fakeContext } from "../support/fake-context.ts";

test("a full log is set aside once, so that the newest fault is always told", async () => {
  using ctx = fakeContext();
  const log = hookLog(ctx.paths);
  await ctx.files.append(log, "old\n".repeat(250_000), 0o600);
  await logHookFault(ctx, "Stop", "new");
  await logHookFault(ctx, "Stop", "newer");
  expect(await ctx.files.readText(log)).toMatch(/^\S+ Stop: new\n\S+ Stop: newer\n$/);
  expect((await ctx.files.stat(`${log}.1`))?.sizeBytes).toBe(1_000_000);
  expect(await ctx.files.list(log.slice(0, log.lastIndexOf("/")))).toEqual([
    "hooks.log",
    "hooks.log.1",
  ]);
});
