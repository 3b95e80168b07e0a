// The columns of the messages of state.db and their receipts, as they are read.
import type { Database, SqlRow } from "../context.ts";
import { parseReceiptStatus, type Receipt, type ReceiptStatus } from "../domain/receipt.ts";

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
  /** The runtime's id of the turn that accepted it; empty when it tells none. */
  turn: string;
  /** The run of the agent that reported it. */
  acceptedBy: string | undefined;
  createdAt: number;
  expiresAt: number;
}

export function one(
  store: Database,
  where: string,
  values: readonly (string | number)[],
): StoredMessage | undefined {
  const row = store.all(`SELECT * FROM messages WHERE ${where}`, ...values)[0];
  return row === undefined ? undefined : messageOf(row);
}

export function messageOf(row: SqlRow): StoredMessage {
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
    turn: text("turn"),
    acceptedBy: orNone("accepted_by"),
    createdAt: Number(row["created_at"]),
    expiresAt: Number(row["expires_at"]),
  };
}

export function statusOf(row: SqlRow): ReceiptStatus {
  return required(parseReceiptStatus(String(row["status"])));
}

export function sourceOf(row: SqlRow): Receipt["source"] {
  const source = row["source"];
  return source === "screen" || source === "agent" ? source : "sender";
}

export function required<T>(value: T | undefined): T {
  if (value === undefined) throw new Error("state.db holds what this schema cannot hold");
  return value;
}
