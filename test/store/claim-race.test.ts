// What leaves a queue by itself leaves it only as long as nobody types it: a receipt that says so of a text which stands in
// the agent's pane would be false.
import { expect, test } from "bun:test";
import type { Context, Database } from "../../src/context.ts";
import { refuseToo } from "../../src/messages/comes-back.ts";
import { claimMessage } from "../../src/store/claims.ts";
import type { StoredMessage } from "../../src/store/message-rows.ts";
import { expireOld, findMessage, refuseQueue } from "../../src/store/messages.ts";
import { addMessage } from "../../src/store/new-message.ts";
import { addReceipt, receiptsOf } from "../../src/store/receipts.ts";
import { openStore } from "../../src/store/store.ts";
import { fakeContext } from "../support/fake-context.ts";

const from = { label: "host:operator", key: undefined, sender: undefined, isNow: false };

/** The store of one who has looked, and before whose next write another process begins to type the message. */
function overtaken(store: Database, other: Database, message: StoredMessage): Database {
  let isFirst = true;
  return {
    ...store,
    transaction(work) {
      if (isFirst) claimMessage(other, message, 5);
      isFirst = false;
      return store.transaction(work);
    },
  };
}

const leaving: Record<string, (ctx: Context, store: Database, message: StoredMessage) => void> = {
  "it expires": (_, store) => expireOld(store, "lead", 20),
  "its agent leaves the roster": (_, store) =>
    refuseQueue(store, { agent: "lead", at: 20, evidence: "the agent is not in the roster" }),
  "its agent is down": refuseToo,
};

test.each(Object.entries(leaving))(
  "%s while another process begins to type it",
  async (_, leave) => {
    using ctx = fakeContext();
    using store = await openStore(ctx);
    using other = await openStore(ctx);
    const times = { createdAt: 1, expiresAt: 10 };
    const { message } = addMessage(store, {
      id: "m",
      agent: "lead",
      body: "hi",
      ...from,
      ...times,
    });
    leave(ctx, overtaken(store, other, message), message);
    const typed = { source: "screen", evidence: "seen", cause: "", at: 21 } as const;
    addReceipt(other, message, { status: "submitted", ...typed });
    const statuses = receiptsOf(store, message).map(({ status }) => status);
    expect([findMessage(store, "m")?.status, statuses]).toEqual([
      "submitted",
      ["queued", "submitted"],
    ]);
  },
);
