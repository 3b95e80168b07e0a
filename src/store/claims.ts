// Who has a message: the one who types it, the sender who was told that it waits, the run of the agent that took it.
import type { Database } from "../context.ts";
import type { Receipt } from "../domain/receipt.ts";
import type { StoredMessage } from "./message-rows.ts";

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

/** This run of the agent has it, by its own word or that of its screen; it may have reported the prompt by now, and known more. */
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
  tellWhy(store, { seq }, { evidence, cause });
}

/** For what it waits, in its receipt. */
export function tellWhy(
  store: Database,
  { seq }: Pick<StoredMessage, "seq">,
  { evidence, cause }: Pick<Receipt, "evidence" | "cause">,
): void {
  const sql = "UPDATE receipts SET evidence = ?, cause = ? WHERE message = ? AND status = 'queued'";
  store.run(sql, `waits: ${evidence}`, cause, seq);
}
