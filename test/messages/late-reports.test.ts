// What is kept of a report while the store is locked: it comes in as it was made, and a file that is none of ours keeps
// nobody from reporting.
import { expect, test } from "bun:test";
import { keepReport, takeLateReports } from "../../src/messages/late-reports.ts";
import { lastReport } from "../../src/store/reports.ts";
import { openStore } from "../../src/store/store.ts";
import { fakeContext } from "../support/fake-context.ts";

const folder = ".local/state/mosaic/agents/lead/late";

test.each([
  ["of nobody", { report: { kind: "working", session: "s" }, at: 1 }],
  [
    "without its text",
    { report: { kind: "prompt-accepted" }, agent: "lead", instance: "i", at: 1 },
  ],
  ["of another agent", { report: { kind: "waiting" }, agent: "other", instance: "i", at: 1 }],
  ["whose run is a number", { report: { kind: "working" }, agent: "lead", instance: 1, at: 1 }],
  [
    "whose session is a list",
    { report: { kind: "waiting", session: [] }, agent: "lead", instance: "i", at: 1 },
  ],
  ["that says nothing", null],
])("a file %s is removed, and what came behind it is heard", async (_, kept) => {
  using ctx = fakeContext();
  using store = await openStore(ctx);
  ctx.home.write(`${folder}/0000000000000001-a.json`, JSON.stringify(kept));
  const report = { kind: "working", session: "s" } as const;
  await keepReport(ctx, { report, agent: "lead", instance: "i1", at: 2 });
  await takeLateReports(ctx, store, { agent: "lead" });
  expect(lastReport(store, { agent: "lead", instance: "i1" })?.activity).toBe("working");
  expect(lastReport(store, { agent: "other", instance: "i" })).toBeUndefined();
  expect(await ctx.files.list(ctx.home.at(folder))).toEqual([]);
});
