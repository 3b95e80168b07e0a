// Puts a message into the queue of its agent: the one way in, for the command line and for the gateway.
import type { Context, Database } from "../context.ts";
import type { StoredMessage } from "../store/message-rows.ts";
import { addMessage, type NewMessage } from "../store/new-message.ts";

/** Hex digits of a message id. */
const idDigits = 10;

/** Of the key by which a sender makes sure that a message is sent once. */
export const maxKeyLength = 200;

export type Enqueued = Omit<NewMessage, "id" | "createdAt" | "expiresAt"> & {
  /** How long it may wait to be typed. */
  ttlMs: number;
};

/** The message, or the one of the same key that is there already. Throws AppError as addMessage does. */
export function enqueue(
  ctx: Context,
  store: Database,
  { ttlMs, ...message }: Enqueued,
): { message: StoredMessage; isNew: boolean } {
  const createdAt = ctx.clock.now();
  const id = ctx.randomHex(idDigits);
  return addMessage(store, { ...message, id, createdAt, expiresAt: createdAt + ttlMs });
}
