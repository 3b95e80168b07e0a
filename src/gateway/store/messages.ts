// The copy of messages and receipts in the gateway's store. state.db of the agent's host is where they happen; a copy
// that is behind is made good by the next look at it (gateway/fleet/mirror.ts).
import * as v from "valibot";
import type { SqlRow, SqlWork } from "../../context.ts";

const receiptSchema = v.object({
  status: v.string(),
  /** ISO 8601. */
  at: v.string(),
  source: v.string(),
  evidence: v.string(),
  cause: v.string(),
});

export interface MirroredMessage {
  host: string;
  id: string;
  agent: string;
  label: string;
  /** Who sent it through a gateway. */
  userId: string | undefined;
  body: string;
  status: string;
  /** What its status is known by. */
  reason: string;
  answer: string | undefined;
  receipts: v.InferOutput<typeof receiptSchema>[];
  /** Epoch milliseconds. */
  createdAt: number;
  expiresAt: number;
}

/** Adds it, or brings it up to date; the one who sent it stays. */
export async function putMessage(sql: SqlWork, message: MirroredMessage): Promise<void> {
  const { host, id, agent, label, userId = null, body, status, reason, answer = null } = message;
  const columns =
    "host, id, agent, label, user_id, body, status, reason, answer, receipts, created_at, expires_at";
  const text = `INSERT INTO messages (${columns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (host, id) DO UPDATE SET status = excluded.status, reason = excluded.reason,
    answer = excluded.answer, receipts = excluded.receipts, user_id = coalesce(messages.user_id, excluded.user_id)`;
  const receipts = JSON.stringify(message.receipts);
  const first = [host, id, agent, label, userId, body, status, reason, answer, receipts] as const;
  await sql.run(text, ...first, message.createdAt, message.expiresAt);
}

export interface MessageQuestion {
  host: string;
  agent: string | undefined;
  /** Only those before that time; epoch milliseconds. */
  before: number;
  limit: number;
}

/** A thousand messages of a megabyte would take a gigabyte to answer. */
const maxPageBytes = 8_000_000;

/** The newest first; fewer than the limit when their texts are large, but one at least. */
export async function listMessages(
  sql: SqlWork,
  { host, agent, before, limit }: MessageQuestion,
): Promise<MirroredMessage[]> {
  const [which, ...values] =
    agent === undefined
      ? ["created_at < ?", before]
      : ["host = ? AND agent = ? AND created_at < ?", host, agent, before];
  const tail = `FROM messages WHERE ${which} ORDER BY created_at DESC, id LIMIT ?`;
  const size = "length(body) + length(coalesce(answer, '')) + length(receipts) AS size";
  const sizes = await sql.all(`SELECT ${size} ${tail}`, ...values, limit);
  const rows = await sql.all(`SELECT * ${tail}`, ...values, pageOf(sizes));
  return rows.map(messageOf);
}

function pageOf(sizes: readonly SqlRow[]): number {
  let bytes = 0;
  for (const [index, { size }] of sizes.entries()) {
    bytes += Number(size);
    if (bytes > maxPageBytes) return Math.max(1, index);
  }
  return sizes.length;
}

export async function findMessage(sql: SqlWork, id: string): Promise<MirroredMessage | undefined> {
  const [row] = await sql.all("SELECT * FROM messages WHERE id = ? LIMIT 1", id);
  return row === undefined ? undefined : messageOf(row);
}

/** What its host has forgotten, its copy is dropped too. */
export async function dropOldMessages(sql: SqlWork, before: number): Promise<void> {
  await sql.run("DELETE FROM messages WHERE created_at < ?", before);
}

function messageOf(row: SqlRow): MirroredMessage {
  const orNone = (name: string): string | undefined =>
    row[name] === null || row[name] === undefined ? undefined : String(row[name]);
  return {
    host: String(row["host"]),
    id: String(row["id"]),
    agent: String(row["agent"]),
    label: String(row["label"]),
    userId: orNone("user_id"),
    body: String(row["body"]),
    status: String(row["status"]),
    reason: String(row["reason"]),
    answer: orNone("answer"),
    receipts: v.parse(v.array(receiptSchema), JSON.parse(String(row["receipts"]))),
    createdAt: Number(row["created_at"]),
    expiresAt: Number(row["expires_at"]),
  };
}
