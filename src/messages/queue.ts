// The queue of one agent: what waits in it is brought to the agent in order, by one process at a time.
import type { Context, Database } from "../context.ts";
import { mayStart } from "../fleet/activities.ts";
import { agentFiles } from "../domain/names.ts";
import type { Receipt, ReceiptStatus } from "../domain/receipt.ts";
import type { Agent } from "../domain/roster.ts";
import { runtimes } from "../domain/runtimes.ts";
import {
  claimMessage,
  isKept,
  keepMessage,
  releaseClaim,
  setTaker,
  unclaimMessage,
} from "../store/claims.ts";
import type { StoredMessage } from "../store/message-rows.ts";
import { failFormerRuns, typedBetween } from "../store/messages.ts";
import { addReceipt } from "../store/receipts.ts";
import { forgetWhy } from "../store/why-waiting.ts";
import { type AgentActivity, lookAtActivity } from "./activity.ts";
import { heldWithoutPane, type Outlook } from "./comes-back.ts";
import { deliver, type Delivery, type DeliveryResult } from "./deliver.ts";
import { explained } from "./refusal.ts";
import { insist } from "./insist.ts";
import { forgetDelivery, nextOf } from "./next.ts";
import { issuePermit, takeBackPermit } from "./permit.ts";

export interface Queue {
  socket: string;
  agent: Agent;
  /** Becomes true when nothing more is to be typed; what is being typed is brought to its end. */
  interrupted?: { has: boolean };
  /** Of an agent without a living pane. */
  outlook?: () => Promise<Outlook>;
}

/** A prompt is reported within this, also on a busy machine, or not at all: its hooks may be missing. */
export const reportMs = 4_000;

/** Why nothing more is tried now; `starting`: it shows no composer yet, or is being brought back; `down`: it does not run; `another`: another process does it. */
export type QueueEnd = "empty" | "starting" | "working" | "blocked" | "down" | "another";

/**
 * Brings the agent what waits for it, oldest first, until it works or can take nothing. The framework must be extracted.
 * Never throws for what the agent or its pane does.
 */
export async function emptyQueue(ctx: Context, store: Database, queue: Queue): Promise<QueueEnd> {
  const { agent } = queue;
  using lock = await ctx.files.tryLock(agentFiles(ctx.paths, agent.name).sending);
  if (lock === undefined) return "another";
  const end = await bringAll(ctx, store, queue);
  const { waits } = agentFiles(ctx.paths, agent.name);
  if (end === "empty") await ctx.files.remove(waits);
  else await ctx.files.write(waits, "", 0o600, { isDerived: true });
  return end;
}

async function bringAll(ctx: Context, store: Database, queue: Queue): Promise<QueueEnd> {
  const { agent } = queue;
  for (;;) {
    if (queue.interrupted?.has === true) return "blocked";
    const next = await nextOf(ctx, store, agent.name);
    if (next === undefined) return "empty";
    // Before the look: what is reported in the middle of it is on its way no more, and not in what the look saw.
    const isTaken = isOnItsWay(ctx, store, queue);
    const activity = await lookAtActivity(ctx, queue);
    if (activity !== undefined) {
      const { instance } = activity;
      failFormerRuns(store, { agent: agent.name, instance, at: ctx.clock.now() });
    }
    if (startsStill(ctx, queue, activity)) return "starting";
    if (activity === undefined) {
      const outlook = await queue.outlook?.();
      const end = heldWithoutPane(ctx, store, { next, outlook });
      if (end !== undefined) return end;
    }
    const held = holdBack({ queue, activity, next, isTaken });
    if (held === "working") {
      forgetWhy(store, next);
      keepMessage(store, next);
      return "working";
    }
    if (held !== undefined) {
      const end = { result: "refused", reason: held, cause: "question", source: "screen" } as const;
      if (settle(ctx, store, next, end)) continue;
      return "blocked";
    }
    const { id, body: text, label, isNow } = next;
    await forgetDelivery(ctx, agent.name, id);
    const permit = await issuePermit(ctx, { agent: agent.name, id });
    if (!claimMessage(store, next, ctx.clock.now())) continue;
    const { socket } = queue;
    const instance = activity?.instance;
    const what = { id, text, label, isNow, permit };
    const tried = await deliver(ctx, { socket, agent, instance, ...what });
    const brought = { id, agent: agent.name, isTouched: !untouched.includes(tried.result) };
    // It ended behind our look, and nothing was begun.
    const isLost = tried.result === "not-running" && (await takeBackPermit(ctx, agent.name, id));
    const outlook = isLost ? await queue.outlook?.() : undefined;
    const isBack = outlook?.kind === "back";
    const evidence = isBack ? outlook.why : tried.reason;
    if (tried.result === "working" || isBack) {
      insist(brought, () => {
        unclaimMessage(store, next, { evidence, cause: isBack ? "not-running" : "working" });
        if (!isBack) keepMessage(store, next);
      });
      await forgetDelivery(ctx, agent.name, id);
      return isBack ? "starting" : "working";
    }
    const end = await whyRefused(ctx, store, { queue, activity, tried });
    const isSettled = insist(brought, () => settle(ctx, store, next, end));
    await forgetDelivery(ctx, agent.name, id);
    if (!isSettled) return end.result === "not-running" ? "down" : "blocked";
  }
}

/** Nothing of it was typed, or it was taken back. */
const untouched: readonly DeliveryResult[] = ["working", "refused", "not-running", "busy"];

/** A pane that was not typed into, looked at for the reason. */
async function whyRefused(
  ctx: Context,
  store: Database,
  {
    queue,
    activity,
    tried,
  }: { queue: Queue; activity: AgentActivity | undefined; tried: Delivery },
): Promise<Delivery> {
  const hasComposer = runtimes[queue.agent.runtime].readyPattern !== "";
  // The agent itself has told why.
  const isTold = tried.source === "agent";
  if (tried.result !== "refused" || isTold || activity === undefined || !hasComposer) return tried;
  return await explained(ctx, store, { refused: { ...queue, ...activity }, end: tried });
}

/** An agent that can tell what it does, and does not yet: it draws no composer, or says not that it takes messages. */
function startsStill(ctx: Context, { agent }: Queue, activity: AgentActivity | undefined): boolean {
  if (activity === undefined || activity.judged !== undefined) return false;
  const ageMs = ctx.clock.now() - activity.startedAt;
  return runtimes[agent.runtime].reports && mayStart(agent, ageMs);
}

/** `working`: it has to wait; else why it cannot be typed at all; undefined when it can. */
function holdBack({
  queue,
  activity,
  next,
  isTaken,
}: {
  queue: Queue;
  activity: AgentActivity | undefined;
  next: StoredMessage;
  /** By a message that it has yet to report. */
  isTaken: boolean;
}): string | undefined {
  const judged = activity?.judged;
  if (judged?.activity === "waiting") {
    return `${next.agent} asks a question, which a message would answer: ${judged.detail}`;
  }
  if (next.isNow && runtimes[queue.agent.runtime].queues) return undefined;
  return judged?.activity === "working" || isTaken ? "working" : undefined;
}

/** One that was submitted just now, and that the agent has yet to report: it works, and does not say so yet. */
function isOnItsWay(ctx: Context, store: Database, { agent }: Queue): boolean {
  if (!runtimes[agent.runtime].reports) return false;
  const now = ctx.clock.now();
  return typedBetween(store, agent.name, { since: now - reportMs, now });
}

/** Writes down what became of it; false when it stays where it is, and everything behind it. */
function settle(ctx: Context, store: Database, message: StoredMessage, end: Delivery): boolean {
  const at = ctx.clock.now();
  const receipt = receiptOf(end, at);
  const isUntouched = receipt.status === "refused";
  if (isUntouched && isKept(store, message)) {
    unclaimMessage(store, message, receipt);
    return false;
  }
  addReceipt(store, message, receipt);
  if (isUntouched) releaseClaim(store, message);
  if (end.by !== undefined) setTaker(store, message, end.by);
  return true;
}

function receiptOf({ result, reason, source, cause = result }: Delivery, at: number): Receipt {
  return { status: statuses[result], at, source, evidence: reason, cause };
}

const statuses: Readonly<Record<DeliveryResult, ReceiptStatus>> = {
  working: "queued",
  submitted: "submitted",
  unproven: "typed",
  unseen: "typed",
  "not-running": "refused",
  refused: "refused",
  busy: "refused",
  failed: "failed",
};
