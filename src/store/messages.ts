// The messages of state.db: how they are found, and what leaves a queue by itself.
import type { Database } from "../context.ts";
import type { ReceiptStatus } from "../domain/receipt.ts";
import { isEarlierRun } from "../domain/run-order.ts";
import { messageOf, one, statusOf, type StoredMessage } from "./message-rows.ts";
import { addReceipt, endUntouched } from "./receipts.ts";
import { whyQueueWaits } from "./why-waiting.ts";

/** A message and its receipts are kept for so long. */
export const keptMs = 30 * 24 * 60 * 60 * 1000;

/** What nobody could type in time leaves the queue. */
export function expireOld(store: Database, agent: string, at: number): void {
  const sql = `SELECT seq FROM messages WHERE agent = ? AND status = 'queued' AND claimed_at IS NULL AND expires_at <= ?`;
  const rows = store.all(sql, agent, at);
  const why = rows.length === 0 ? undefined : whyQueueWaits(store, agent);
  const evidence = `the agent could take no message in time${why === undefined ? "" : `: ${why.evidence}`}`;
  const told = {
    status: "expired",
    at,
    source: "sender",
    evidence,
    cause: why?.cause ?? "",
  } as const;
  for (const row of rows) {
    endUntouched(store, { seq: Number(row["seq"]) }, told);
  }
}

/** What cannot be delivered, and never was begun, leaves the queue with the reason. */
export function refuseQueue(
  store: Database,
  { agent, at, evidence }: { agent: string; at: number; evidence: string },
): void {
  const why = { source: "sender", evidence, cause: "fault" } as const;
  for (const message of queueOf(store, agent)) {
    endUntouched(store, message, { status: "refused", at, ...why });
  }
}

export function findMessage(store: Database, id: string): StoredMessage | undefined {
  return one(store, "id = ?", [id]);
}

/** The newest ones, of one agent or of all, oldest first. */
export function listMessages(
  store: Database,
  { agent, limit }: { agent: string | undefined; limit: number },
): StoredMessage[] {
  const where = agent === undefined ? "1 OR ?" : "agent = ?";
  const sql = `SELECT * FROM messages WHERE ${where} ORDER BY seq DESC LIMIT ?`;
  return store
    .all(sql, agent ?? "", limit)
    .map(messageOf)
    .toReversed();
}

/** The messages that got a receipt after the one of this number, oldest first, and the number to go on from. */
export function changedSince(
  store: Database,
  receipt: number,
  limit: number,
): { messages: StoredMessage[]; receipt: number } {
  const sql = "SELECT seq, message FROM receipts WHERE seq > ? ORDER BY seq LIMIT ?";
  const rows = store.all(sql, receipt, limit);
  const seqs = new Set(rows.map((row) => Number(row["message"])));
  const messages = [...seqs].flatMap((seq) => one(store, "seq = ?", [seq]) ?? []);
  return { messages, receipt: Number(rows.at(-1)?.["seq"] ?? receipt) };
}

/** Agents for whom something waits. */
export function agentsWithQueue(store: Database): string[] {
  const sql = "SELECT DISTINCT agent FROM messages WHERE status = 'queued'";
  return store.all(sql).map((row) => String(row["agent"]));
}

/** What still waits to be typed, in order. */
export function queueOf(store: Database, agent: string): StoredMessage[] {
  const sql = "SELECT * FROM messages WHERE agent = ? AND status = 'queued' ORDER BY seq";
  return store.all(sql, agent).map(messageOf);
}

/** How many wait; without a look at their texts. */
export function queueLength(store: Database, agent: string): number {
  const sql = "SELECT count(*) AS n FROM messages WHERE agent = ? AND status = 'queued'";
  return Number(store.all(sql, agent)[0]?.["n"] ?? 0);
}

/** Where it stands; without a look at its text. */
export function statusOfMessage(store: Database, id: string): ReceiptStatus | undefined {
  const row = store.all("SELECT status FROM messages WHERE id = ?", id)[0];
  return row === undefined ? undefined : statusOf(row);
}

/** What the agent has accepted and its turn has not ended with, in order. */
export function acceptedOf(store: Database, agent: string): StoredMessage[] {
  const sql = "SELECT * FROM messages WHERE agent = ? AND status = 'accepted' ORDER BY seq";
  return store.all(sql, agent).map(messageOf);
}

/** What the runs of the agent before this one have accepted, or said that they have it, gets no end any more. */
export function failFormerRuns(
  store: Database,
  { agent, instance, at }: { agent: string; instance: string; at: number },
): void {
  const taken = store
    .all(
      "SELECT * FROM messages WHERE agent = ? AND status = 'submitted' AND accepted_by IS NOT NULL",
      agent,
    )
    .map(messageOf);
  for (const message of [...taken, ...acceptedOf(store, agent)]) {
    // A late word of a run before this one, or a look at its pane that took a while, says nothing of what came after it.
    if (!isEarlierRun(message.acceptedBy, instance)) continue;
    const evidence =
      "the run of the agent that took it ended before it reported an end of its turn";
    addReceipt(store, message, { status: "failed", at, source: "screen", evidence, cause: "" });
  }
}

/** Whether one was typed into the agent since, that the agent has not reported. */
export function typedBetween(
  store: Database,
  agent: string,
  { since, now }: { since: number; now: number },
): boolean {
  const sql = `SELECT 1 FROM messages JOIN receipts ON message = messages.seq AND receipts.status = messages.status
    WHERE agent = ? AND messages.status IN ('typed', 'submitted') AND at BETWEEN ? AND ? LIMIT 1`;
  return store.all(sql, agent, since, now).length > 0;
}

/** What was typed into the agent since and is not proven submitted, the newest first. */
export function typedOf(
  store: Database,
  { agent, since }: { agent: string; since: number },
): StoredMessage[] {
  const sql = `SELECT * FROM messages WHERE agent = ? AND status = 'typed' AND claimed_at >= ?
    ORDER BY seq DESC LIMIT 5`;
  return store.all(sql, agent, since).map(messageOf);
}
