// Why a message waits: of its own, or behind the first one of its queue.
import type { Database } from "../context.ts";
import type { Receipt } from "../domain/receipt.ts";

export type WhyWaiting = Pick<Receipt, "evidence" | "cause">;

/** In front of the reason in the receipt of one that waits (claims.ts). */
const mark = "waits: ";

/** Of the first message that was ever tried; undefined when nothing keeps it, but that the agent works. */
export function whyQueueWaits(store: Database, agent: string): WhyWaiting | undefined {
  const sql = `SELECT evidence, cause FROM receipts JOIN messages ON message = messages.seq
    WHERE agent = ? AND messages.status = 'queued' AND receipts.status = 'queued' AND cause <> ''
    ORDER BY messages.seq LIMIT 1`;
  const row = store.all(sql, agent)[0];
  const evidence = String(row?.["evidence"] ?? "");
  if (!evidence.startsWith(mark)) return undefined;
  return { evidence: evidence.slice(mark.length), cause: String(row?.["cause"]) };
}

/** It is waited for the agent alone by now. */
export function forgetWhy(store: Database, { seq }: { seq: number }): void {
  const sql = `UPDATE receipts SET evidence = 'the agent works', cause = ''
    WHERE message = ? AND status = 'queued' AND cause NOT IN ('', 'working')`;
  store.run(sql, seq);
}

/** A receipt of one that waits, with why the first one of its queue does where it says nothing of its own. */
export function behindOthers(store: Database, agent: string, receipt: Receipt): Receipt {
  if (receipt.status !== "queued" || receipt.evidence.startsWith(mark)) return receipt;
  const why = whyQueueWaits(store, agent);
  return why === undefined
    ? receipt
    : { ...receipt, evidence: `${mark}${why.evidence}`, cause: why.cause };
}
