// Who waits behind another one waits for its reason, and expires with it.
import { expect, test } from "bun:test";
import type { Database } from "../../src/context.ts";
import { unclaimMessage } from "../../src/store/claims.ts";
import type { StoredMessage } from "../../src/store/message-rows.ts";
import { expireOld } from "../../src/store/messages.ts";
import { addMessage } from "../../src/store/new-message.ts";
import { receiptsOf } from "../../src/store/receipts.ts";
import { openStore } from "../../src/store/store.ts";
import { behindOthers, forgetWhy } from "../../src/store/why-waiting.ts";
import { fakeContext } from "../support/fake-context.ts";

const why = { evidence: "its composer holds message x of mosaic", cause: "leftover" };

function add(store: Database, id: string, expiresAt: number) {
  const more = { label: "a:b", key: undefined, sender: undefined, isNow: false, createdAt: 1 };
  return addMessage(store, { id, agent: "lead", body: id, expiresAt, ...more }).message;
}

test("one that waits behind a leftover says so, and expires over it", async () => {
  using ctx = fakeContext();
  using store = await openStore(ctx);
  const first = add(store, "m1", 99);
  const second = add(store, "m2", 5);
  const last = (message: StoredMessage) => {
    const [receipt] = receiptsOf(store, message).slice(-1);
    if (receipt === undefined) throw new Error("no receipt");
    return receipt;
  };
  unclaimMessage(store, first, why);
  expect(behindOthers(store, "lead", last(second))).toMatchObject({
    evidence: `waits: ${why.evidence}`,
    cause: "leftover",
  });
  expireOld(store, "lead", 6);
  expect(last(second)).toMatchObject({
    status: "expired",
    evidence: `the agent could take no message in time: ${why.evidence}`,
    cause: "leftover",
  });
  forgetWhy(store, first);
  expect(last(first)).toMatchObject({ evidence: "the agent works", cause: "" });
});
