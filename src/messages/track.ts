// Follows a message until it is as far as its sender wants it, and says how far it has come.
import type { Context, Database } from "../context.ts";
import { hasReached, isOver, type Receipt, type Waitable } from "../domain/receipt.ts";
import type { Agent } from "../domain/roster.ts";
import { AppError, exitCodes } from "../errors.ts";
import { findMessage, keepMessage, receiptsOf, type StoredMessage } from "../store/messages.ts";
import { lookAtActivity } from "./activity.ts";
import { emptyQueue } from "./queue.ts";

export interface Tracked {
  message: StoredMessage;
  /** Oldest first. */
  receipts: Receipt[];
  /** The one that says where it stands. */
  last: Receipt;
}

export interface Tracking {
  socket: string;
  agent: Agent;
  id: string;
  /** Without it: until it is typed, or has to wait. */
  wait: Waitable | undefined;
  timeoutMs: number;
}

/** How often the store is looked at; one look takes some 30 µs. */
const pollMs = 15;

/** Between two looks at the agent itself, while its answer is waited for. */
const lookMs = 1_000;

/** Brings the message on its way when it can be, and follows it. Throws AppError, exit 3, when the agent ends meanwhile. */
export async function track(ctx: Context, store: Database, tracking: Tracking): Promise<Tracked> {
  const { id, wait, timeoutMs } = tracking;
  const deadline = ctx.clock.monotonic() + timeoutMs;
  let lookAt = ctx.clock.monotonic() + lookMs;
  let triedAt = Number.NEGATIVE_INFINITY;
  for (;;) {
    const message = stored(store, id);
    const isDone =
      wait === undefined ? message.status !== "queued" : hasReached(message.status, wait);
    if (isDone || isOver(message.status)) return withReceipts(store, message);
    const now = ctx.clock.monotonic();
    if (message.status === "queued" && now - triedAt >= lookMs) {
      const end = await emptyQueue(ctx, store, tracking);
      // Whoever types it now looks at its own message next, and ours comes at once after it.
      if (end !== "another") triedAt = now;
      if (stored(store, id).status !== "queued") continue;
      if (end !== "another") {
        keepMessage(store, message);
        if (wait === undefined) return told(store, id);
      }
    }
    if (now >= deadline) return told(store, id);
    if (now >= lookAt && message.status !== "queued") {
      await checkLife(ctx, tracking, message);
      lookAt = ctx.clock.monotonic() + lookMs;
    }
    await ctx.clock.sleep(pollMs);
  }
}

/** Whose answer never comes is not waited for. */
async function checkLife(
  ctx: Context,
  { socket, agent }: Tracking,
  { id }: StoredMessage,
): Promise<void> {
  if ((await lookAtActivity(ctx, { socket, agent })) !== undefined) return;
  throw new AppError(`${agent.name} has ended before message ${id} was answered`, {
    exitCode: exitCodes.notRunning,
    hint: `mosaic agent why ${agent.name}\nmosaic agent messages --id ${id}`,
  });
}

function told(store: Database, id: string): Tracked {
  return withReceipts(store, stored(store, id));
}

/** The message with all that is known of it. */
export function withReceipts(store: Database, message: StoredMessage): Tracked {
  const receipts = receiptsOf(store, message);
  const last = receipts.find(({ status }) => status === message.status);
  if (last === undefined) throw new Error(`message ${message.id} has no receipt of its status`);
  return { message, receipts, last };
}

function stored(store: Database, id: string): StoredMessage {
  const message = findMessage(store, id);
  if (message !== undefined) return message;
  throw new AppError(`message ${id} is not in the store any more`, {
    hint: "mosaic agent messages",
  });
}
