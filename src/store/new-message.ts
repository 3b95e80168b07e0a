// A message enters an agent's queue, or is damped.
import type { Database } from "../context.ts";
import { checkDamping } from "../domain/damping.ts";
import { usageError } from "../errors.ts";
import { one, required, type StoredMessage } from "./message-rows.ts";
import { acceptedOf, expireOld, keptMs, queueLength } from "./messages.ts";
import { insertReceipt, receiptsOf } from "./receipts.ts";

export type NewMessage = Pick<
  StoredMessage,
  "id" | "agent" | "label" | "body" | "key" | "sender" | "isNow" | "createdAt" | "expiresAt"
>;

/**
 * Puts it into the agent's queue; the one that is there already when one of this key was sent to this agent before, which is
 * tried anew when nothing was typed of it. Throws AppError: exit 2 when that has another text, else as damping.ts does.
 */
export function addMessage(
  store: Database,
  message: NewMessage,
): { message: StoredMessage; isNew: boolean } {
  return store.transaction(() => {
    const { id, agent, label, body, key = null, sender, isNow, createdAt, expiresAt } = message;
    const known = key === null ? undefined : one(store, "agent = ? AND key = ?", [agent, key]);
    if (known !== undefined) return { message: again(store, known, message), isNew: false };
    expireOld(store, agent, createdAt);
    // By its last receipt too: a clock that is set far ahead expires a message, and takes none away unseen.
    const old = `DELETE FROM messages WHERE created_at < ?1 AND status <> 'queued'
      AND NOT EXISTS (SELECT 1 FROM receipts WHERE message = messages.seq AND at >= ?1)`;
    store.run(old, createdAt - keptMs);
    const hops = hopsOf(store, sender);
    checkDamping({ hops, waiting: queueLength(store, agent), ...message }, (since) =>
      sentBetween(store, { sender, agent, since, until: 2 * createdAt - since }),
    );
    const columns =
      "id, agent, label, body, key, sender, hops, is_now, created_at, expires_at, status, is_kept, is_joined";
    const sql = `INSERT INTO messages (${columns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'queued', 0, 0)`;
    const who = [key, sender ?? null, hops] as const;
    store.run(sql, id, agent, label, body, ...who, Number(isNow), createdAt, expiresAt);
    const added = required(one(store, "id = ?", [id]));
    const receipt = {
      at: createdAt,
      source: "sender",
      evidence: `from ${label}`,
      cause: "",
    } as const;
    insertReceipt(store, added, { status: "queued", ...receipt });
    return { message: added, isNew: true };
  });
}

/** The message of this key, which has to be the same one. */
function again(store: Database, known: StoredMessage, message: NewMessage): StoredMessage {
  const { body, key = "", createdAt, expiresAt, label } = message;
  if (known.body !== body) {
    throw usageError(
      `the key ${key} was used for another message to ${known.agent}`,
      `mosaic agent messages --id ${known.id}`,
    );
  }
  if (known.status !== "refused" && known.status !== "expired") return known;
  // Nothing was typed: it is sent now. A message has one receipt of a status, so the former end goes into that of the queue.
  const { seq, status } = known;
  const former = receiptsOf(store, known).find((receipt) => receipt.status === status);
  const since = new Date(createdAt).toISOString();
  const evidence = `from ${label}, again at ${since}; ${status} before: ${former?.evidence ?? ""}`;
  store.run("DELETE FROM receipts WHERE message = ? AND status = ?", seq, status);
  const why =
    "UPDATE receipts SET evidence = ?, cause = '' WHERE message = ? AND status = 'queued'";
  store.run(why, evidence, seq);
  const sql = `UPDATE messages SET status = 'queued', claimed_at = NULL, is_kept = 0, expires_at = ?
    WHERE seq = ?`;
  store.run(sql, expiresAt, seq);
  return required(one(store, "seq = ?", [seq]));
}

/** Of what an agent says: one more than that of the message that it works on. */
function hopsOf(store: Database, sender: string | undefined): number {
  if (sender === undefined) return 0;
  return (acceptedOf(store, sender).at(-1)?.hops ?? 0) + 1;
}

/** How many messages one agent sent another one around now; what the clock calls future was sent before it was set back. */
function sentBetween(
  store: Database,
  {
    sender,
    agent,
    since,
    until,
  }: { sender: string | undefined; agent: string; since: number; until: number },
): number {
  if (sender === undefined) return 0;
  const sql =
    "SELECT count(*) AS n FROM messages WHERE sender = ? AND agent = ? AND created_at BETWEEN ? AND ?";
  return Number(store.all(sql, sender, agent, since, until)[0]?.["n"] ?? 0);
}
