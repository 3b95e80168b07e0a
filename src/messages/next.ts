// Which message of a queue is brought to the agent next.
import type { Context, Database } from "../context.ts";
import { unclaimMessage } from "../store/claims.ts";
import type { StoredMessage } from "../store/message-rows.ts";
import { expireOld, queueOf } from "../store/messages.ts";
import { addReceipt } from "../store/receipts.ts";
import { removePermits, takeBackPermit } from "./permit.ts";
import { forgetBack, takeBackFrom } from "./spool.ts";

/** The oldest that can be typed. What is too old, or was being typed when its sender died, leaves the queue. */
export async function nextOf(
  ctx: Context,
  store: Database,
  agent: string,
): Promise<StoredMessage | undefined> {
  const at = ctx.clock.now();
  expireOld(store, agent, at);
  for (const message of queueOf(store, agent)) {
    if (message.claimedAt === undefined) continue;
    const { id } = message;
    if ((await takeBackFrom(ctx, agent, id)) || (await takeBackPermit(ctx, agent, id))) {
      const evidence = "whoever was to deliver it is gone, and nothing of it was typed";
      unclaimMessage(store, message, { evidence, cause: "" });
      await forgetDelivery(ctx, agent, id);
      continue;
    }
    const evidence = "the delivery was cut off: it may have been typed, and is not typed again";
    addReceipt(store, message, { status: "typed", evidence, at, source: "sender", cause: "" });
  }
  const untouched = queueOf(store, agent).filter(({ claimedAt }) => claimedAt === undefined);
  // Whoever does not wait for the agent does not wait for those who do.
  return untouched.find(({ isNow }) => isNow) ?? untouched[0];
}

/** Its receipt tells what became of it, so that no file has to. */
export async function forgetDelivery(ctx: Context, agent: string, id: string): Promise<void> {
  await removePermits(ctx, agent, id);
  await forgetBack(ctx, agent, id);
}
