// A message to an agent that does not run: refused, whatever waits for it already, unless its supervisor brings it back.
import { expect, test } from "bun:test";
import { main } from "../../src/main.ts";
import { endedMeanwhile } from "../../src/messages/ended.ts";
import { deliver } from "../../src/messages/deliver.ts";
import { loadRoster } from "../../src/fleet/load-roster.ts";
import { type Outlook, refuseToo } from "../../src/messages/comes-back.ts";
import { emptyQueue } from "../../src/messages/queue.ts";
import { keepMessage } from "../../src/store/claims.ts";
import { findMessage } from "../../src/store/messages.ts";
import { addMessage } from "../../src/store/new-message.ts";
import { addReceipt, receiptsOf } from "../../src/store/receipts.ts";
import { openStore } from "../../src/store/store.ts";
import { rest } from "../support/fake-exec.ts";
import { fakeContext, type FakeContext } from "../support/fake-context.ts";

const roster = `version: 1
socket: mosaic-t
supervisor: builtin
agents:
  - { name: lead, runtime: canary, workdir: ~/ }
`;

function site() {
  const ctx = fakeContext();
  ctx.home.write(".config/mosaic/fleet/roster.yaml", roster);
  ctx.allowExec(["tmux", rest], { exitCode: 1, stderr: "no server running on socket" });
  ctx.allowExec(["sh", rest], { exitCode: 3, stderr: "send-message: no tmux server" });
  return ctx;
}

async function withWaiting(ctx: FakeContext) {
  const store = await openStore(ctx);
  const from = { label: "a:b", key: undefined, sender: undefined, isNow: false };
  const times = { createdAt: ctx.clock.now(), expiresAt: ctx.clock.now() + 3_600_000 };
  const { message } = addMessage(store, { id: "m1", agent: "lead", body: "x", ...from, ...times });
  keepMessage(store, message);
  return store;
}

test.each([false, true])(
  "the same end with an empty queue and behind others (%p)",
  async (isBehind) => {
    using ctx = site();
    using store = await withWaiting(ctx);
    if (!isBehind) refuseToo(ctx, store, { ...mustFind(store, "m1"), isKept: false });
    expect(await main(["agent", "send", "lead", "-m", "hello", "--key", "k"], ctx)).toBe(3);
    expect(ctx.stderr).toContain("cannot send to lead: ");
    expect(ctx.stderr).toContain("hint: mosaic fleet start lead");
    expect(mustFind(store, "m1").status).toBe(isBehind ? "queued" : "refused");
  },
);

test("one that its supervisor brings back is waited for, and the receipt says so", async () => {
  using ctx = site();
  using store = await withWaiting(ctx);
  const { socket, agents } = await loadRoster(ctx);
  const [agent] = agents;
  if (agent === undefined) throw new Error("no agent");
  const end = await emptyQueue(ctx, store, {
    socket,
    agent,
    outlook: async () => ({ kind: "back", why: "it is being brought back" }),
  });
  expect(end).toBe("starting");
  const receipt = receiptsOf(store, mustFind(store, "m1")).at(-1);
  expect(receipt).toMatchObject({
    status: "queued",
    evidence: "waits: it is being brought back",
  });
});

test("one that was given up has its queue refused, with the cause", async () => {
  using ctx = site();
  using store = await withWaiting(ctx);
  const { socket, agents } = await loadRoster(ctx);
  const [agent] = agents;
  if (agent === undefined) throw new Error("no agent");
  const why = "gave up after 3 starts within 15m (exit 7)";
  const outlook = async () => ({ kind: "gave-up", why }) as const;
  expect(await emptyQueue(ctx, store, { socket, agent, outlook })).toBe("empty");
  expect(receiptsOf(store, mustFind(store, "m1")).at(-1)).toMatchObject({
    status: "refused",
    cause: "not-running",
    evidence: why,
  });
});

function mustFind(store: Parameters<typeof findMessage>[0], id: string) {
  const message = findMessage(store, id);
  if (message === undefined) throw new Error(`no message ${id}`);
  return message;
}

test("one that ends behind the look at it is waited for too", async () => {
  using ctx = site();
  using store = await withWaiting(ctx);
  const { socket, agents } = await loadRoster(ctx);
  const [agent] = agents;
  if (agent === undefined) throw new Error("no agent");
  let asked = 0;
  const outlook = async (): Promise<Outlook> => ({ kind: ++asked > 1 ? "back" : "down", why: "" });
  expect(await emptyQueue(ctx, store, { socket, agent, outlook })).toBe("starting");
  expect(receiptsOf(store, mustFind(store, "m1")).at(-1)?.status).toBe("queued");
});

test.each([
  ["canary", "i1"],
  ["command", undefined],
] as const)(
  "what a %s submitted is that run's, where it would report the end",
  async (runtime, by) => {
    using ctx = fakeContext();
    ctx.home.write(".config/mosaic/fleet/roster.yaml", roster);
    const [first] = (await loadRoster(ctx)).agents;
    if (first === undefined) throw new Error("no agent");
    ctx.allowExec(["sh", rest]);
    const what = { id: "m1", text: "x", label: "a:b", isNow: false, permit: undefined };
    const to = { socket: "mosaic-t", agent: { ...first, runtime }, instance: "i1" };
    const end = await deliver(ctx, { ...what, ...to });
    expect([end.result, end.by]).toEqual(["submitted", by]);
  },
);

test("a message whose agent ended while its answer was awaited has failed, until the agent's word comes", async () => {
  using ctx = site();
  using store = await withWaiting(ctx);
  const message = mustFind(store, "m1");
  const told = { at: 2, source: "screen", evidence: "", cause: "" } as const;
  addReceipt(store, message, { status: "submitted", ...told });
  expect(endedMeanwhile(ctx, store, message).exitCode).toBe(3);
  expect(mustFind(store, "m1").status).toBe("failed");
  expect(addReceipt(store, message, { status: "answered", ...told })).toBe(true);
});
