// The receipts of messages. What follows what is domain/receipt.ts.
import type { Database } from "../context.ts";
import { isOnTheWay, mayFollow, type Receipt } from "../domain/receipt.ts";
import { one, required, sourceOf, statusOf, type StoredMessage } from "./message-rows.ts";

/** All its receipts, in the order in which they were got: the clock may have been set meanwhile. */
export function receiptsOf(store: Database, message: Pick<StoredMessage, "seq">): Receipt[] {
  const sql = "SELECT * FROM receipts WHERE message = ? ORDER BY seq";
  return store.all(sql, message.seq).map((row) => ({
    status: statusOf(row),
    at: Number(row["at"]),
    source: sourceOf(row),
    evidence: String(row["evidence"]),
    cause: String(row["cause"]),
  }));
}

/** Adds a receipt; false when the message has come further by then, and its status stays. */
export function addReceipt(
  store: Database,
  { seq }: Pick<StoredMessage, "seq">,
  receipt: Receipt & { answer?: string },
): boolean {
  return store.transaction(() => {
    const message = required(one(store, "seq = ?", [seq]));
    if (!mayFollow(message.status, receipt.status)) {
      // The screen may be slower than the agent; it was seen there all the same.
      if (isOnTheWay(receipt.status)) insertReceipt(store, message, receipt);
      return false;
    }
    insertReceipt(store, message, receipt);
    const { status, answer = null } = receipt;
    const sql = "UPDATE messages SET status = ?, answer = coalesce(?, answer) WHERE seq = ?";
    store.run(sql, status, answer, seq);
    return true;
  });
}

/** The same for one that waits, as long as nobody has begun to type it by then: false when somebody has. */
export function endUntouched(
  store: Database,
  { seq }: Pick<StoredMessage, "seq">,
  receipt: Receipt,
): boolean {
  return store.transaction(() => {
    const sql = "SELECT 1 FROM messages WHERE seq = ? AND status = 'queued' AND claimed_at IS NULL";
    return store.all(sql, seq).length === 1 && addReceipt(store, { seq }, receipt);
  });
}

/** Another answer to what this agent answered at that time. */
export function amendAnswers(
  store: Database,
  { agent, at, answer, evidence }: { agent: string; at: number; answer: string; evidence: string },
): void {
  const these = `SELECT message FROM receipts JOIN messages ON message = messages.seq
    WHERE agent = ? AND receipts.status = 'answered' AND at = ?`;
  store.run(`UPDATE messages SET answer = ? WHERE seq IN (${these})`, answer, agent, at);
  const sql = `UPDATE receipts SET evidence = ? WHERE status = 'answered' AND message IN (${these})`;
  store.run(sql, evidence, agent, at);
}

export function insertReceipt(
  store: Database,
  { seq }: Pick<StoredMessage, "seq">,
  { status, at, source, evidence, cause }: Receipt,
): void {
  const sql = "INSERT OR IGNORE INTO receipts VALUES (NULL, ?, ?, ?, ?, ?, ?)";
  store.run(sql, seq, status, at, source, evidence, cause);
}
