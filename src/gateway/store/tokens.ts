// Tokens of programs in the gateway's store: the hash, whose it is, and what it may do.
import type { SqlRow, SqlWork } from "../../context.ts";
import { type User, userOf } from "./users.ts";

export interface Token {
  id: string;
  userId: string;
  name: string;
  /** With spaces. */
  scopes: string;
  /** Epoch milliseconds, as all times here. */
  createdAt: number;
  expiresAt: number;
  lastUsedAt: number | undefined;
  revokedAt: number | undefined;
}

const usedEveryMs = 60_000;

export async function addToken(
  sql: SqlWork,
  token: Pick<Token, "id" | "userId" | "name" | "scopes" | "createdAt" | "expiresAt"> & {
    hash: string;
    /** The token that makes it, if one does. */
    parent?: string | undefined;
  },
): Promise<void> {
  const { id, hash, userId, name, scopes, createdAt, expiresAt, parent = null } = token;
  const columns = "id, hash, user_id, name, scopes, created_at, expires_at, parent";
  const text = `INSERT INTO tokens (${columns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`;
  await sql.run(text, id, hash, userId, name, scopes, createdAt, expiresAt, parent);
}

/** A token that holds now, with its hash to compare, and whether its last use was written down just now; undefined when it is unknown, ended, or its account is disabled. */
export async function findToken(
  sql: SqlWork,
  { id, at }: { id: string; at: number },
): Promise<
  { user: User; hash: string; scopes: string; expiresAt: number; isFresh: boolean } | undefined
> {
  const text = `SELECT users.*, tokens.hash AS token_hash, tokens.scopes AS token_scopes, last_used_at, expires_at
    FROM tokens JOIN users ON users.id = tokens.user_id
    WHERE tokens.id = ? AND revoked_at IS NULL AND expires_at > ? AND is_disabled = 0
    AND NOT EXISTS (SELECT 1 FROM tokens AS maker WHERE maker.id = tokens.parent AND maker.revoked_at IS NOT NULL)`;
  const [row] = await sql.all(text, id, at);
  if (row === undefined) return undefined;
  return {
    user: userOf(row),
    hash: String(row["token_hash"]),
    scopes: String(row["token_scopes"]),
    expiresAt: Number(row["expires_at"]),
    isFresh: at - Number(row["last_used_at"] ?? 0) < usedEveryMs,
  };
}

/** Writes down that it was used, once a minute at most. */
export async function touchToken(
  sql: SqlWork,
  { id, at }: { id: string; at: number },
): Promise<void> {
  const text =
    "UPDATE tokens SET last_used_at = ? WHERE id = ? AND (last_used_at IS NULL OR last_used_at < ?)";
  await sql.run(text, at, id, at - usedEveryMs);
}

export async function listTokens(sql: SqlWork, userId?: string): Promise<Token[]> {
  const rows =
    userId === undefined
      ? await sql.all("SELECT * FROM tokens ORDER BY created_at, id")
      : await sql.all("SELECT * FROM tokens WHERE user_id = ? ORDER BY created_at, id", userId);
  return rows.map(tokenOf);
}

export async function findTokenById(sql: SqlWork, id: string): Promise<Token | undefined> {
  const [row] = await sql.all("SELECT * FROM tokens WHERE id = ?", id);
  return row === undefined ? undefined : tokenOf(row);
}

/** With all that it made, and those made: a thief would else keep a way in. False when it was ended before, or never was. */
export async function revokeToken(
  sql: SqlWork,
  { id, at }: { id: string; at: number },
): Promise<boolean> {
  const text = `WITH RECURSIVE family (id) AS (
      SELECT id FROM tokens WHERE id = ? UNION SELECT tokens.id FROM tokens JOIN family ON tokens.parent = family.id
    ) UPDATE tokens SET revoked_at = ? WHERE revoked_at IS NULL AND id IN (SELECT id FROM family)`;
  const before = await findTokenById(sql, id);
  return (await sql.run(text, id, at)) > 0 && before?.revokedAt === undefined;
}

function tokenOf(row: SqlRow): Token {
  const orNone = (name: string): number | undefined =>
    row[name] === null || row[name] === undefined ? undefined : Number(row[name]);
  return {
    id: String(row["id"]),
    userId: String(row["user_id"]),
    name: String(row["name"]),
    scopes: String(row["scopes"]),
    createdAt: Number(row["created_at"]),
    expiresAt: Number(row["expires_at"]),
    lastUsedAt: orNone("last_used_at"),
    revokedAt: orNone("revoked_at"),
  };
}
