// The canary at a fake terminal: what reaches the screen, and how it ends.
import { expect, test } from "bun:test";
import { answerTo } from "../../src/canary/answer.ts";
import { type CanaryOptions, runCanary } from "../../src/canary/run.ts";
import { eventually } from "../support/eventually.ts";
import { fakeContext } from "../support/fake-context.ts";
import { tempHome } from "../support/temp-home.ts";

test.each([
  ["the agent itself", { CANARY_REPORTS: "1" }, 1],
  ["one that somebody runs inside another agent", {}, 0],
])("%s reports or not", async (_, mark, reports) => {
  const env = { MOSAIC_AGENT: "lead", MOSAIC_INSTANCE: "a1", ...mark };
  using ctx = fakeContext({ io: { stdinIsTty: true }, env });
  if (reports > 0) ctx.expectExec(["/opt/mosaic/mosaic", "hook", "run", "session-started"]);
  const ended = runCanary(ctx);
  await eventually(() => ctx.terminal.isRaw);
  ctx.terminal.hangUp();
  expect(await ended).toBe(0);
  await eventually(() => ctx.execCalls.length === reports);
  ctx.done();
});

async function started(options: CanaryOptions = {}, clock: "auto" | "manual" = "auto") {
  const ctx = fakeContext({ io: { stdinIsTty: true }, clock });
  const ended = runCanary(ctx, options);
  await eventually(() => ctx.terminal.isRaw);
  return { ctx, ended };
}

test("without a terminal it is wrong usage", async () => {
  using ctx = fakeContext();
  expect(runCanary(ctx)).rejects.toMatchObject({ exitCode: 2 });
});

test("it answers, and gives the terminal back", async () => {
  const { ctx, ended } = await started();
  using _ = ctx;
  expect(ctx.stdout).toStartWith("\u001b[?2004h");
  for (const part of ["\u001b[200~one\rtwo", "\u001b[20", "1~", "\r"]) ctx.terminal.type(part);
  await eventually(() => ctx.stdout.includes(answerTo("one\ntwo")));
  ctx.terminal.type("\u0004");
  expect(await ended).toBe(0);
  expect(ctx.stdout).toEndWith("\u001b[?2004l\u001b[?25h");
  expect(ctx.terminal.isRaw).toBe(false);
});

test("a lone Escape counts when nothing follows in time", async () => {
  const { ctx, ended } = await started({ workMs: 60_000 }, "manual");
  using _ = ctx;
  ctx.terminal.type("a\r");
  expect(ctx.stdout).toContain("esc to interrupt");
  ctx.terminal.type("\u001b");
  expect(ctx.stdout).not.toContain("interrupted");
  await ctx.clock.advance(50);
  await eventually(() => ctx.stdout.includes("canary: interrupted"));
  ctx.terminal.type("/exit\r");
  expect(await ended).toBe(0);
});

test("only yes leaves the witness", async () => {
  using home = tempHome();
  const witness = home.at("approved");
  const { ctx, ended } = await started({ ask: true, workMs: 0, witness });
  using _ = ctx;
  for (const [key, answer] of [
    ["2", "canary: not allowed"],
    ["\r", answerTo("do it")],
  ] as const) {
    expect(await ctx.files.readText(witness)).toBeUndefined();
    ctx.terminal.type("do it\r");
    const before = ctx.stdout.length;
    await eventually(() => ctx.stdout.slice(before).includes("1. Yes"));
    ctx.terminal.type(key);
    await eventually(() => ctx.stdout.includes(answer));
  }
  await eventually(() => ctx.files.readText(witness));
  ctx.terminal.hangUp();
  expect(await ended).toBe(0);
});

test("a signal ends it as a shell reports it", async () => {
  const { ctx, ended } = await started();
  using _ = ctx;
  ctx.raise("SIGTERM");
  expect(await ended).toBe(143);
});

test("after a resize everything is drawn again", async () => {
  const { ctx, ended } = await started();
  using _ = ctx;
  const before = ctx.stdout.length;
  ctx.terminal.resize(40, 10);
  const drawn = ctx.stdout.slice(before);
  expect(drawn).toStartWith("\u001b[H\u001b[J");
  expect(drawn).toContain("─".repeat(40));
  expect(drawn).not.toContain("─".repeat(41));
  ctx.terminal.type("\u0003");
  expect(await ended).toBe(0);
});
