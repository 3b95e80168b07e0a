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
import { isEarlierRun } from "../domain/run-order.ts";
import { usageError } from "../errors.ts";

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

export type NewMessage = Pick<
  StoredMessage,
  "id" | "agent" | "label" | "body" | "key" | "sender" | "isNow" | "createdAt" | "expiresAt"
>;

/** A message and its receipts are kept for so long. */
export const keptMs = 30 * 24 * 60 * 60 * 1000;

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
  const { body, key = "", createdAt, expiresAt } = message;
  if (known.body !== body) {
    throw usageError(
      `the key ${key} was used for another message to ${known.agent}`,
      `mosaic agent messages --id ${known.id}`,
    );
  }
  if (known.status !== "refused" && known.status !== "expired") return known;
  // Nothing was typed: it is sent now.
  const { seq } = known;
  store.run("DELETE FROM receipts WHERE message = ? AND status = ?", seq, known.status);
  const sql = `UPDATE messages SET status = 'queued', claimed_at = NULL, is_kept = 0, created_at = ?, expires_at = ?
    WHERE seq = ?`;
  store.run(sql, createdAt, expiresAt, seq);
  return required(one(store, "seq = ?", [seq]));
}

/** What nobody could type in time leaves the queue. */
export function expireOld(store: Database, agent: string, at: number): void {
  const sql = `SELECT seq FROM messages WHERE agent = ? AND status = 'queued' AND claimed_at IS NULL AND expires_at <= ?`;
  for (const row of store.all(sql, agent, at)) {
    const evidence = "the agent could take no message in time";
    const seq = Number(row["seq"]);
    addReceipt(store, { seq }, { status: "expired", at, source: "sender", evidence, cause: "" });
  }
}

/** What cannot be delivered, and never was begun, leaves the queue with the reason. */
export function refuseQueue(
  store: Database,
  { agent, at, evidence }: { agent: string; at: number; evidence: string },
): void {
  for (const message of queueOf(store, agent)) {
    if (message.claimedAt !== undefined) continue;
    addReceipt(store, message, {
      status: "refused",
      at,
      source: "sender",
      evidence,
      cause: "fault",
    });
  }
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

/** Which run of the agent reported it and which turn has it, whether that is unknown, and what the turn that ended meanwhile ended with. */
export function joinMessage(
  store: Database,
  { seq }: StoredMessage,
  { by, turn, isJoined, answer }: { by: string; turn: string; isJoined: boolean; answer?: string },
): void {
  const sql =
    "UPDATE messages SET accepted_by = ?, turn = ?, is_joined = ?, answer = ? WHERE seq = ?";
  store.run(sql, by, turn, Number(isJoined), answer ?? null, seq);
}

/** This run of the agent has it, by its own word; it may have reported the prompt by now, and known more. */
export function setTaker(store: Database, { seq }: StoredMessage, instance: string): void {
  const sql = "UPDATE messages SET accepted_by = ? WHERE seq = ? AND accepted_by IS NULL";
  store.run(sql, instance, seq);
}

/** From here on it may have been typed. False when another process has it, or it waits no more. */
export function claimMessage(store: Database, { seq }: StoredMessage, at: number): boolean {
  const sql =
    "UPDATE messages SET claimed_at = ? WHERE seq = ? AND status = 'queued' AND claimed_at IS NULL";
  return store.run(sql, at, seq) === 1;
}

/** Nothing of it was typed, and nobody tries it again: a prompt that names it is somebody's quotation. */
export function releaseClaim(store: Database, { seq }: StoredMessage): void {
  store.run("UPDATE messages SET claimed_at = NULL WHERE seq = ? AND status = 'refused'", seq);
}

/** Its sender is told that it waits. Whoever may be typing it is not disturbed. */
export function keepMessage(store: Database, { seq }: Pick<StoredMessage, "seq">): void {
  store.run("UPDATE messages SET is_kept = 1 WHERE seq = ? AND status = 'queued'", seq);
}

/** As it is by now: its sender may have been told meanwhile. */
export function isKept(store: Database, { seq }: StoredMessage): boolean {
  return store.all("SELECT is_kept FROM messages WHERE seq = ?", seq)[0]?.["is_kept"] === 1;
}

/** Nothing was typed, and it goes on waiting: for what, its receipt tells. For the one who has claimed it. */
export function unclaimMessage(
  store: Database,
  { seq }: StoredMessage,
  { evidence, cause }: Pick<Receipt, "evidence" | "cause">,
): void {
  store.run("UPDATE messages SET claimed_at = NULL WHERE seq = ?", seq);
  const sql = "UPDATE receipts SET evidence = ?, cause = ? WHERE message = ? AND status = 'queued'";
  store.run(sql, `waits: ${evidence}`, cause, seq);
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
    turn: text("turn"),
    acceptedBy: orNone("accepted_by"),
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
