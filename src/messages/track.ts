// Follows a message until it is as far as its sender wants it, and says how far it has come.
import type { Context, Database } from "../context.ts";
import {
  hasReached,
  isOver,
  type Receipt,
  type ReceiptStatus,
  type Waitable,
} from "../domain/receipt.ts";
import type { Agent } from "../domain/roster.ts";
import { AppError, exitCodes } from "../errors.ts";
import { keepMessage } from "../store/claims.ts";
import type { StoredMessage } from "../store/message-rows.ts";
import { expireOld, failFormerRuns, findMessage, statusOfMessage } from "../store/messages.ts";
import { addReceipt, receiptsOf } from "../store/receipts.ts";
import { behindOthers } from "../store/why-waiting.ts";
import { lookAtActivity } from "./activity.ts";
import { type Outlook, refuseToo } from "./comes-back.ts";
import { endedMeanwhile } from "./ended.ts";
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
  outlook: () => Promise<Outlook>;
  id: string;
  /** Without it: until it is typed, or has to wait. */
  wait: Waitable | undefined;
  timeoutMs: number;
}

/** How often the store is looked at. */
const pollMs = 15;

/** Between two looks at the agent itself, while its answer is waited for. */
const lookMs = 1_000;

/** Between two looks at one that starts. */
const startPollMs = 200;

/** What was typed and is not proven is reported within this, or the agent never got it. */
const provenMs = 10_000;

/**
 * Brings the message on its way when it can be, and follows it. One that is returned as `queued` goes on waiting. Throws
 * AppError: exit 3 when the agent ends meanwhile, 130 at Ctrl-C.
 */
export async function track(ctx: Context, store: Database, tracking: Tracking): Promise<Tracked> {
  const { id, wait, timeoutMs } = tracking;
  const beganAt = ctx.clock.monotonic();
  const watch = watchAgent(ctx, store, tracking);
  const interrupted = interruption(ctx);
  let tryAt = beganAt;
  for (;;) {
    const status = statusOf(store, id);
    const isDone = wait === undefined ? status !== "queued" : hasReached(status, wait);
    if (isDone || isOver(status)) return told(store, id);
    const now = ctx.clock.monotonic();
    if (status === "queued" && now >= tryAt) {
      const end = await orLeft(emptyQueue(ctx, store, { ...tracking, interrupted }), interrupted);
      if (end === "left" || interrupted.has) throw stopped(store, tracking);
      // Whoever types it now looks at its own message next, and ours comes at once after it.
      const isSoon = end === "another" || end === "starting";
      tryAt = end === "another" ? now : now + (isSoon ? startPollMs : lookMs);
      if (statusOf(store, id) !== "queued") continue;
      if (end === "down") refuseToo(ctx, store, stored(store, id));
      if (!isSoon && wait === undefined) return waits(store, id);
    }
    if (interrupted.has) throw stopped(store, tracking);
    if (now - beganAt >= timeoutMs) {
      // A question is not asked when nobody waits for the answer any more.
      expireOld(store, tracking.agent.name, ctx.clock.now());
      return waits(store, id);
    }
    if (status !== "queued" && (await watch.isHopeless(status))) return told(store, id);
    await ctx.clock.sleep(pollMs);
  }
}

/** Looks at the agent now and then: whose answer never comes is not waited for. */
function watchAgent(ctx: Context, store: Database, { socket, agent, id }: Tracking) {
  let lookAt = ctx.clock.monotonic() + lookMs;
  let isTold = false;
  return {
    async isHopeless(status: ReceiptStatus): Promise<boolean> {
      if (ctx.clock.monotonic() < lookAt) return false;
      const seen = await lookAtActivity(ctx, { socket, agent });
      lookAt = ctx.clock.monotonic() + lookMs;
      if (seen === undefined) {
        const { message } = told(store, id);
        if (isOver(message.status)) return true;
        throw endedMeanwhile(ctx, store, message);
      }
      const { instance, judged } = seen;
      const at = ctx.clock.now();
      failFormerRuns(store, { agent: agent.name, instance, at });
      const last = told(store, id).last;
      const age = at - last.at;
      if (judged?.activity === "waiting" && !isTold) {
        ctx.io.err(`mosaic: ${agent.name} waits for a person: ${judged.detail}\n`);
        isTold = true;
      }
      // It reported the prompt and no end of it, and its screen rests: an Esc ends a turn without a word.
      const rests = judged?.activity === "idle" && judged.source === "screen";
      if (status === "accepted" && rests && age > lookMs) {
        const evidence =
          judged.fault === undefined
            ? "its screen shows that its turn has ended, and it reported no end: an Esc?"
            : `its screen shows: ${judged.fault.trim()}`;
        const receipt = { at, source: "screen", evidence, cause: "" } as const;
        addReceipt(store, told(store, id).message, { status: "failed", ...receipt });
      }
      return status === "typed" && age > provenMs;
    },
  };
}

interface Interruption {
  /** There was a Ctrl-C. */
  has: boolean;
  isTyping: boolean;
  /** Resolves at the second one. */
  again: Promise<"left">;
}

/** From now on Ctrl-C ends the wait, and not the message: the first one when what is being typed has its Enter. */
function interruption(ctx: Context): Interruption {
  const { promise: again, resolve } = Promise.withResolvers<"left">();
  const state = { has: false, isTyping: false, again };
  void ctx.untilSignal().then(async () => {
    state.has = true;
    if (state.isTyping) ctx.io.err("mosaic: ends when the text has its Enter; Ctrl-C leaves it\n");
    await ctx.untilSignal();
    resolve("left");
  });
  return state;
}

async function orLeft<T>(typing: Promise<T>, interrupted: Interruption): Promise<T | "left"> {
  interrupted.isTyping = true;
  const end = await Promise.race([typing, interrupted.again]);
  interrupted.isTyping = false;
  return end;
}

function stopped(store: Database, { agent, id }: Tracking): AppError {
  const { status, claimedAt } = waits(store, id).message;
  const where = status === "queued" && claimedAt !== undefined ? "being typed" : status;
  return new AppError(`interrupted: message ${id} to ${agent.name} is ${where}, and goes on`, {
    exitCode: exitCodes.interrupted,
    hint: `mosaic agent messages --id ${id}`,
  });
}

/** Its sender is told where it stands, so it is tried again as long as it waits. */
function waits(store: Database, id: string): Tracked {
  keepMessage(store, told(store, id).message);
  const where = told(store, id);
  return { ...where, last: behindOthers(store, where.message.agent, where.last) };
}

function statusOf(store: Database, id: string): ReceiptStatus {
  return statusOfMessage(store, id) ?? stored(store, id).status;
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
