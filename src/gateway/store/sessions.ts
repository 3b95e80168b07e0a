// Sessions of browsers in the gateway's store: the hash of a cookie, and whose it is.
import type { SqlWork } from "../../context.ts";
import { AppError } from "../../errors.ts";
import { type User, userOf } from "./users.ts";

/** How long a session lives without a request, and at most; epoch milliseconds everywhere here. */
export const idleMs = 7 * 24 * 60 * 60 * 1000;
export const absoluteMs = 30 * 24 * 60 * 60 * 1000;

/** A request writes down that the session was seen, but not each of a hundred a second. */
const seenEveryMs = 60_000;

export interface Session {
  hash: string;
  userId: string;
  createdAt: number;
  seenAt: number;
  expiresAt: number;
  address: string;
}

export async function addSession(
  sql: SqlWork,
  session: Pick<Session, "hash" | "userId" | "address"> & { at: number },
): Promise<void> {
  const { hash, userId, at, address } = session;
  const text =
    "INSERT INTO sessions (hash, user_id, created_at, seen_at, expires_at, address) VALUES (?, ?, ?, ?, ?, ?)";
  await sql.run(text, hash, userId, at, at, at + absoluteMs, address);
}

/** Whose session it is; undefined when it is unknown, too old, or its account is disabled. */
export async function findSession(
  sql: SqlWork,
  { hash, at }: { hash: string; at: number },
): Promise<User | undefined> {
  const text = `SELECT users.*, sessions.seen_at AS seen_at FROM sessions JOIN users ON users.id = sessions.user_id
    WHERE hash = ? AND expires_at > ? AND seen_at > ? AND is_disabled = 0`;
  const [row] = await sql.all(text, hash, at, at - idleMs);
  if (row === undefined) return undefined;
  if (at - Number(row["seen_at"]) > seenEveryMs) {
    // A store that takes no writes, since its disk is full, still says who may read.
    const touched = sql.run("UPDATE sessions SET seen_at = ? WHERE hash = ?", at, hash);
    await touched.catch((error: unknown) => {
      if (!(error instanceof AppError)) throw error;
    });
  }
  return userOf(row);
}

/** How many there were. */
export async function endSessions(
  sql: SqlWork,
  of: { hash: string } | { userId: string },
): Promise<number> {
  if ("hash" in of) return await sql.run("DELETE FROM sessions WHERE hash = ?", of.hash);
  return await sql.run("DELETE FROM sessions WHERE user_id = ?", of.userId);
}

export async function listSessions(sql: SqlWork, userId: string): Promise<Session[]> {
  const rows = await sql.all(
    "SELECT * FROM sessions WHERE user_id = ? ORDER BY created_at",
    userId,
  );
  return rows.map((row) => ({
    hash: String(row["hash"]),
    userId: String(row["user_id"]),
    createdAt: Number(row["created_at"]),
    seenAt: Number(row["seen_at"]),
    expiresAt: Number(row["expires_at"]),
    address: String(row["address"]),
  }));
}

/** Takes out what nobody can use any more. */
export async function dropOldSessions(sql: SqlWork, at: number): Promise<void> {
  await sql.run("DELETE FROM sessions WHERE expires_at <= ? OR seen_at <= ?", at, at - idleMs);
}
