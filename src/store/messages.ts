// The messages of state.db and their receipts. What follows what is domain/receipt.ts.
// Over 200 lines because everything that knows the columns of these two tables stands here.
import type { Database, SqlRow } from "../context.ts";
import { checkDamping } from "../domain/damping.ts";
import {
  isOnTheWay,
  mayFollow,
  parseReceiptStatus,
  type Receipt,
  type ReceiptStatus,
} from "../domain/receipt.ts";

export interface StoredMessage {
  seq: number;
  id: string;
  agent: string;
  /** Who it is from. */
  label: string;
  body: string;
  key: string | undefined;
  /** The agent of this fleet that it is from; undefined for everybody else. */
  sender: string | undefined;
  /** 0 for a person's; one more than that of the message which its sender works on. */
  hops: number;
  status: ReceiptStatus;
  /** What the agent's turn ended with. */
  answer: string | undefined;
  /** Accepted while the agent worked, and it is not known yet in which turn it is answered. */
  isJoined: boolean;
  /** Does not wait until the agent is idle. */
  isNow: boolean;
  /** Its sender was told that it waits. */
  isKept: boolean;
  /** Somebody began to type it; epoch milliseconds, as all times here. */
  claimedAt: number | undefined;
  createdAt: number;
  expiresAt: number;
}

export type NewMessage = Pick<
  StoredMessage,
  "id" | "agent" | "label" | "body" | "key" | "sender" | "isNow" | "createdAt" | "expiresAt"
>;

/** A message and its receipts are kept for so long. */
export const keptMs = 30 * 24 * 60 * 60 * 1000;

/** Throws AppError (damping.ts). Puts it into the agent's queue; the one that is there already when one of this key was sent to this agent before. */
export function addMessage(
  store: Database,
  message: NewMessage,
): { message: StoredMessage; isNew: boolean } {
  return store.transaction(() => {
    const { id, agent, label, body, key = null, sender, isNow, createdAt, expiresAt } = message;
    const known = key === null ? undefined : one(store, "agent = ? AND key = ?", [agent, key]);
    if (known !== undefined) return { message: known, isNew: false };
    const old = "DELETE FROM messages WHERE created_at < ? AND status <> 'queued'";
    store.run(old, createdAt - keptMs);
    const hops = hopsOf(store, sender);
    checkDamping({ hops, waiting: queueOf(store, agent).length, ...message }, (since) =>
      sentBetween(store, { sender, agent, since }),
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

/** Of what an agent says: one more than that of the message that it works on. */
function hopsOf(store: Database, sender: string | undefined): number {
  if (sender === undefined) return 0;
  return (acceptedOf(store, sender).at(-1)?.hops ?? 0) + 1;
}

/** How many messages one agent sent another one since. */
function sentBetween(
  store: Database,
  { sender, agent, since }: { sender: string | undefined; agent: string; since: number },
): number {
  if (sender === undefined) return 0;
  const sql =
    "SELECT count(*) AS n FROM messages WHERE sender = ? AND agent = ? AND created_at >= ?";
  return Number(store.all(sql, sender, agent, since)[0]?.["n"] ?? 0);
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

/** What still waits to be typed, in order. */
export function queueOf(store: Database, agent: string): StoredMessage[] {
  const sql = "SELECT * FROM messages WHERE agent = ? AND status = 'queued' ORDER BY seq";
  return store.all(sql, agent).map(messageOf);
}

/** What the agent has accepted and its turn has not ended with, in order. */
export function acceptedOf(store: Database, agent: string): StoredMessage[] {
  const sql = "SELECT * FROM messages WHERE agent = ? AND status = 'accepted' ORDER BY seq";
  return store.all(sql, agent).map(messageOf);
}

/** All its receipts, oldest first. */
export function receiptsOf(store: Database, message: Pick<StoredMessage, "seq">): Receipt[] {
  const sql = "SELECT * FROM receipts WHERE message = ? ORDER BY at, seq";
  return store.all(sql, message.seq).map((row) => ({
    status: statusOf(row),
    at: Number(row["at"]),
    source: sourceOf(row),
    evidence: String(row["evidence"]),
    cause: String(row["cause"]),
  }));
}

/** Whether one was typed into the agent since, that the agent has not reported. */
export function typedSince(store: Database, agent: string, since: number): boolean {
  const sql = `SELECT 1 FROM messages WHERE agent = ? AND claimed_at >= ? AND status IN ('typed', 'submitted') LIMIT 1`;
  return store.all(sql, agent, since).length > 0;
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

/** Whether its turn is unknown, and what the turn that ended meanwhile ended with. */
export function joinMessage(
  store: Database,
  { seq }: StoredMessage,
  { isJoined, answer }: { isJoined: boolean; answer?: string },
): void {
  const sql = "UPDATE messages SET is_joined = ?, answer = ? WHERE seq = ?";
  store.run(sql, Number(isJoined), answer ?? null, seq);
}

/** From here on it may have been typed. */
export function claimMessage(store: Database, { seq }: StoredMessage, at: number): void {
  store.run("UPDATE messages SET claimed_at = ? WHERE seq = ?", at, seq);
}

/** Nothing was typed, and it is tried again. */
export function keepMessage(store: Database, { seq }: StoredMessage): void {
  store.run("UPDATE messages SET claimed_at = NULL, is_kept = 1 WHERE seq = ?", seq);
}

function insertReceipt(
  store: Database,
  { seq }: Pick<StoredMessage, "seq">,
  { status, at, source, evidence, cause }: Receipt,
): void {
  const sql = "INSERT OR IGNORE INTO receipts VALUES (NULL, ?, ?, ?, ?, ?, ?)";
  store.run(sql, seq, status, at, source, evidence, cause);
}

function one(
  store: Database,
  where: string,
  values: readonly (string | number)[],
): StoredMessage | undefined {
  const row = store.all(`SELECT * FROM messages WHERE ${where}`, ...values)[0];
  return row === undefined ? undefined : messageOf(row);
}

function messageOf(row: SqlRow): StoredMessage {
  const text = (name: string): string => String(row[name]);
  const orNone = (name: string): string | undefined =>
    row[name] === null ? undefined : text(name);
  return {
    seq: Number(row["seq"]),
    id: text("id"),
    agent: text("agent"),
    label: text("label"),
    body: text("body"),
    key: orNone("key"),
    sender: orNone("sender"),
    hops: Number(row["hops"]),
    status: statusOf(row),
    answer: orNone("answer"),
    isJoined: row["is_joined"] === 1,
    isNow: row["is_now"] === 1,
    isKept: row["is_kept"] === 1,
    claimedAt: row["claimed_at"] === null ? undefined : Number(row["claimed_at"]),
    createdAt: Number(row["created_at"]),
    expiresAt: Number(row["expires_at"]),
  };
}

function statusOf(row: SqlRow): ReceiptStatus {
  return required(parseReceiptStatus(String(row["status"])));
}

function sourceOf(row: SqlRow): Receipt["source"] {
  const source = row["source"];
  return source === "screen" || source === "agent" ? source : "sender";
}

function required<T>(value: T | undefined): T {
  if (value === undefined) throw new Error("state.db holds what this schema cannot hold");
  return value;
}
