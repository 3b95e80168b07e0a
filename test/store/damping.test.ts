// A queue has a bound, and agents do not talk each other into a loop; a person is not damped.
import { expect, test } from "bun:test";
import type { Database } from "../../src/context.ts";
import { maxHops, maxPerPair, maxWaiting, pairWindowMs } from "../../src/domain/damping.ts";
import { addMessage } from "../../src/store/new-message.ts";
import { addReceipt } from "../../src/store/receipts.ts";
import { openStore } from "../../src/store/store.ts";
import { fakeContext } from "../support/fake-context.ts";

let number = 0;

function send(store: Database, to: string, sender?: string, at = 0) {
  const id = `m${number++}`;
  const common = { label: "x", body: "x", key: undefined, isNow: false, expiresAt: 1e12 };
  return addMessage(store, { id, agent: to, sender, createdAt: at, ...common }).message;
}

/** The agent works on it. */
function accept(store: Database, message: { seq: number }): void {
  const common = { at: 1, source: "agent", evidence: "", cause: "" } as const;
  addReceipt(store, message, { status: "accepted", ...common });
}

test("a full queue is an error to its sender, and nothing is added", async () => {
  using ctx = fakeContext();
  using store = await openStore(ctx);
  const all = Array.from({ length: maxWaiting }, () => send(store, "lead"));
  expect(() => send(store, "lead")).toThrow(
    `the queue of lead is full: ${maxWaiting} messages wait`,
  );
  expect(send(store, "other").status).toBe("queued");
  const [first] = all;
  if (first !== undefined) accept(store, first);
  expect(send(store, "lead").status).toBe("queued");
});

test("what agents pass on to each other ends after some hops; what a person sends begins anew", async () => {
  using ctx = fakeContext();
  using store = await openStore(ctx);
  const names = ["ping", "pong"] as const;
  accept(store, send(store, "ping"));
  for (let hop = 1; hop <= maxHops; hop++) {
    const [from, to] = hop % 2 === 1 ? names : names.toReversed();
    const message = send(store, to ?? "", from);
    expect(message.hops).toBe(hop);
    accept(store, message);
  }
  const last = maxHops % 2 === 1 ? "pong" : "ping";
  expect(() => send(store, "third", last)).toThrow("that agents passed on: a loop?");
  expect(send(store, "third").hops).toBe(0);
});

test("one agent sends another one so many messages in a while, and a third one all the same", async () => {
  using ctx = fakeContext();
  using store = await openStore(ctx);
  for (let sent = 0; sent < maxPerPair; sent++) send(store, "lead", "worker", sent);
  expect(() => send(store, "lead", "worker", maxPerPair)).toThrow("a loop?");
  expect(send(store, "other", "worker", maxPerPair).status).toBe("queued");
  expect(send(store, "lead", undefined, maxPerPair).status).toBe("queued");
  expect(send(store, "lead", "worker", pairWindowMs + maxPerPair).status).toBe("queued");
});
