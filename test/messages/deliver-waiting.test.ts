// `mosaic agent deliver` stays with a queue while its roster is being edited.
import { expect, test } from "bun:test";
import { deliverWaiting } from "../../src/messages/deliver-waiting.ts";
import type { Context } from "../../src/context.ts";
import { AppError, exitCodes } from "../../src/errors.ts";
import { keepMessage } from "../../src/store/claims.ts";
import { findMessage } from "../../src/store/messages.ts";
import { addMessage } from "../../src/store/new-message.ts";
import { receiptsOf } from "../../src/store/receipts.ts";
import { openStore } from "../../src/store/store.ts";
import { rest } from "../support/fake-exec.ts";
import { fakeContext, type FakeContext } from "../support/fake-context.ts";

const roster = `version: 1
socket: mosaic-t
supervisor: builtin
agents:
  - { name: lead, runtime: canary, workdir: ~/ }
`;

const another =
  "version: 1\nsocket: mosaic-t\nsupervisor: builtin\nagents:\n  - { name: other, runtime: canary, workdir: ~/ }\n";

test.each([
  ["breaks off", "version: 1\nagents:\n  - { name: le", 5_000],
  ["is a whole one without the agent", another, 600],
  ["is a whole one without the agent for longer", another, 30_000],
])(
  "a roster that is half saved for a while, and %s, loses nobody who waits for an agent with a draft",
  async (_, half, halfMs) => {
    using ctx = fakeContext();
    const file = ".config/mosaic/fleet/roster.yaml";
    ctx.home.write(file, roster);
    using store = await openStore(ctx);
    const at = ctx.clock.now();
    const more = { label: "a:b", key: undefined, sender: undefined, isNow: false };
    const times = { createdAt: at, expiresAt: at + 3_600_000 };
    const { message } = addMessage(store, {
      id: "m1",
      agent: "lead",
      body: "hi",
      ...more,
      ...times,
    });
    keepMessage(store, message);
    ctx.allowExec(["tmux", rest], { exitCode: 1, stderr: "no server running on socket" });
    let tries = 0;
    ctx.allowExec(["sh", rest], () => {
      tries += 1;
      ctx.home.write(file, tries === 2 ? half : roster);
      return tries <= 2 ? { exitCode: 4, stderr: "a draft" } : {};
    });
    const sleep = async (ms: number): Promise<void> => {
      const isHalf = (await ctx.files.readText(ctx.home.at(file))) === half;
      await ctx.clock.sleep(Math.round(ms));
      if (isHalf && ctx.clock.now() - at > halfMs) ctx.home.write(file, roster);
    };
    expect(await deliverWaiting({ ...ctx, clock: { ...ctx.clock, sleep } }, "lead")).toBe(0);
    expect(findMessage(store, "m1")?.status).toBe("submitted");
  },
);

/** A queue of one message to an agent that is there; `deliver` as `mosaic agent deliver` does, on a clock that runs by itself. */
async function queued(ctx: FakeContext, ttlMs: number) {
  ctx.home.write(".config/mosaic/fleet/roster.yaml", roster);
  const store = await openStore(ctx);
  const at = ctx.clock.now();
  const more = { label: "a:b", key: undefined, sender: undefined, isNow: false };
  const times = { createdAt: at, expiresAt: at + ttlMs };
  const { message } = addMessage(store, { id: "m1", agent: "lead", body: "hi", ...more, ...times });
  keepMessage(store, message);
  const sleep = (ms: number) => ctx.clock.sleep(Math.max(1, Math.round(ms)));
  const deliver = (changed: Partial<Context>) =>
    deliverWaiting({ ...ctx, clock: { ...ctx.clock, sleep }, ...changed }, "lead").catch(
      (error: unknown) => error,
    );
  const last = () => receiptsOf(store, message).at(-1);
  return { at, deliver, last, [Symbol.dispose]: () => store[Symbol.dispose]() };
}

test("a fault that does not pass refuses what waits, with the cause, and ends the deliverer", async () => {
  using ctx = fakeContext();
  using queue = await queued(ctx, 3_600_000);
  // No tmux is installed.
  ctx.allowExec(["tmux", rest], { exitCode: 127 });
  expect(await queue.deliver({})).toBeInstanceOf(AppError);
  expect(queue.last()).toMatchObject({ status: "refused", cause: "fault" });
  expect(queue.last()?.evidence).toContain("it cannot be delivered: tmux");
  expect(ctx.clock.now() - queue.at).toBeLessThan(120_000);
});

test.each([
  ["that is let go of after half an hour loses nobody a message", 1_800_000, "submitted"],
  ["for longer than a message may wait ends the deliverer", 36_000_000, "queued"],
] as const)("a store that is locked %s", async (_, lockedMs, status) => {
  using ctx = fakeContext();
  using queue = await queued(ctx, 3_600_000);
  ctx.allowExec(["tmux", rest], { exitCode: 1, stderr: "no server running on socket" });
  const ageMs = () => ctx.clock.now() - queue.at;
  // A draft until the lock.
  ctx.allowExec(["sh", rest], () => (ageMs() < 2_000 ? { exitCode: 4, stderr: "a draft" } : {}));
  const openDatabase: typeof ctx.openDatabase = async (...how) => {
    const isLocked = ageMs() >= 2_000 && ageMs() < lockedMs;
    if (isLocked) throw new AppError("state.db is locked", { exitCode: exitCodes.busy });
    return await ctx.openDatabase(...how);
  };
  const end = await queue.deliver({ openDatabase });
  expect(queue.last()?.status).toBe(status);
  if (status === "queued") expect(end).toBeInstanceOf(AppError);
  expect(ageMs()).toBeGreaterThan(1_800_000);
  expect(ageMs()).toBeLessThan(7_200_000);
});
