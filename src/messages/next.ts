// Which message of a queue is brought to the agent next.
import type { Context, Database } from "../context.ts";
import {
  addReceipt,
  expireOld,
  queueOf,
  type StoredMessage,
  unclaimMessage,
} from "../store/messages.ts";
import { takeBackFrom } from "./spool.ts";

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
    if (await takeBackFrom(ctx, agent, message.id)) {
      const evidence = "spool: whoever put it there is gone, and it was taken back";
      unclaimMessage(store, message, { evidence, cause: "" });
      continue;
    }
    const evidence = "the delivery was cut off: it may have been typed, and is not typed again";
    addReceipt(store, message, { status: "typed", evidence, at, source: "sender", cause: "" });
  }
  const untouched = queueOf(store, agent).filter(({ claimedAt }) => claimedAt === undefined);
  // Whoever does not wait for the agent does not wait for those who do.
  return untouched.find(({ isNow }) => isNow) ?? untouched[0];
}
