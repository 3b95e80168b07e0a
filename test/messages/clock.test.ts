// The clock is set an hour on or back while messages wait and agents work: nothing is typed that must not be, nothing is
// lost, and nobody is damped for an hour.
import { expect, test } from "bun:test";
import { judge } from "../../src/domain/activity.ts";
import { maxPerPair } from "../../src/domain/damping.ts";
import { roughDuration } from "../../src/domain/duration.ts";
import { expireOld, findMessage, typedBetween } from "../../src/store/messages.ts";
import { addMessage } from "../../src/store/new-message.ts";
import { addReceipt, receiptsOf } from "../../src/store/receipts.ts";
import { openStore } from "../../src/store/store.ts";
import { fakeNow } from "../support/fake-clock.ts";
import { fakeContext } from "../support/fake-context.ts";

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

const message = {
  agent: "lead",
  label: "host:operator",
  body: "hello",
  key: undefined,
  isNow: false,
};

test.each([[hourMs], [-hourMs]])(
  "a message of a day's life waits on when the clock jumps by %i ms",
  async (jumpMs) => {
    using ctx = fakeContext();
    using store = await openStore(ctx);
    const at = fakeNow;
    addMessage(store, {
      ...message,
      id: "a",
      sender: undefined,
      createdAt: at,
      expiresAt: at + dayMs,
    });
    expireOld(store, "lead", at + jumpMs);
    expect(findMessage(store, "a")?.status).toBe("queued");
  },
);

test("a clock that is set far ahead expires what waits, and takes no message away unseen", async () => {
  using ctx = fakeContext();
  using store = await openStore(ctx);
  const send = (id: string, createdAt: number) =>
    addMessage(store, {
      ...message,
      id,
      sender: undefined,
      createdAt,
      expiresAt: createdAt + dayMs,
    });
  send("a", fakeNow);
  send("b", fakeNow + 40 * dayMs);
  send("c", fakeNow + 41 * dayMs);
  expect(findMessage(store, "a")?.status).toBe("expired");
  send("d", fakeNow + 71 * dayMs);
  expect(findMessage(store, "a")).toBeUndefined();
});

test.each([[hourMs], [-hourMs]])(
  "an agent is not damped for what it sent before a jump of %i ms",
  async (jumpMs) => {
    using ctx = fakeContext();
    using store = await openStore(ctx);
    const send = (id: string, createdAt: number) =>
      addMessage(store, {
        ...message,
        id,
        sender: "worker",
        createdAt,
        expiresAt: createdAt + dayMs,
      });
    for (let sent = 0; sent < maxPerPair; sent++) send(`m${sent}`, fakeNow + sent);
    expect(() => send("over", fakeNow + 100)).toThrow("a loop?");
    expect(send("later", fakeNow + jumpMs).isNew).toBe(true);
  },
);

test("receipts stay in the order in which they were got when the clock is set back", async () => {
  using ctx = fakeContext();
  using store = await openStore(ctx);
  const { message: sent } = addMessage(store, {
    ...message,
    id: "a",
    sender: undefined,
    createdAt: fakeNow,
    expiresAt: fakeNow + dayMs,
  });
  const common = { evidence: "", cause: "" };
  addReceipt(store, sent, {
    status: "submitted",
    at: fakeNow - hourMs,
    source: "screen",
    ...common,
  });
  addReceipt(store, sent, {
    status: "answered",
    at: fakeNow - hourMs + 1,
    source: "agent",
    ...common,
  });
  expect(receiptsOf(store, sent).map(({ status }) => status)).toEqual([
    "queued",
    "submitted",
    "answered",
  ]);
});

test("what was submitted just now is on its way, though the clock was set back meanwhile", async () => {
  using ctx = fakeContext();
  using store = await openStore(ctx);
  const { message: sent } = addMessage(store, {
    ...message,
    id: "a",
    sender: undefined,
    createdAt: fakeNow,
    expiresAt: fakeNow + dayMs,
  });
  addReceipt(store, sent, {
    status: "submitted",
    at: fakeNow,
    source: "screen",
    evidence: "",
    cause: "",
  });
  const between = (now: number) => typedBetween(store, "lead", { since: now - 2_000, now });
  expect([between(fakeNow + 500), between(fakeNow + 2_500)]).toEqual([true, false]);
  // An hour ago by the new clock is no moment ago: the screen and the agent's own word tell.
  expect([between(fakeNow + hourMs), between(fakeNow - hourMs)]).toEqual([false, false]);
});

test.each([[hourMs], [-hourMs]])(
  "a report of before a jump of %i ms is overruled by what the screen shows twice, not kept for an hour",
  (jumpMs) => {
    const common = { detail: "", evidence: "" };
    const hook = { activity: "working", source: "hook", at: fakeNow, ...common } as const;
    const screen = { activity: "idle", source: "screen", at: fakeNow + jumpMs, ...common } as const;
    expect(judge(hook, screen)?.source).toBe("screen");
  },
);

test("an age below nothing is told as none", () => {
  expect(roughDuration(-hourMs)).toBe(roughDuration(0));
});
