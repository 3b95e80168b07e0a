// Accounts in the gateway's store.
import type { SqlRow, SqlServer, SqlWork } from "../../context.ts";
import { parseRole, type Role } from "../../domain/roles.ts";

export interface User {
  id: string;
  /** Lower case. */
  email: string;
  name: string;
  role: Role;
  isDisabled: boolean;
  /** Epoch milliseconds. */
  createdAt: number;
}

export interface NewUser {
  id: string;
  email: string;
  name: string;
  role: Role;
  /** The hash, never the password. */
  password: string;
  at: number;
}

/** False when the address has an account already. */
export async function addUser(sql: SqlWork, user: NewUser): Promise<boolean> {
  const { id, email, name, role, password, at } = user;
  const columns = "id, email, name, role, password, is_disabled, created_at, updated_at";
  const text = `INSERT INTO users (${columns}) VALUES (?, ?, ?, ?, ?, 0, ?, ?) ON CONFLICT DO NOTHING`;
  return (await sql.run(text, id, email, name, role, password, at, at)) === 1;
}

/** Claims the place of the first admin; false when somebody had it before. Of many at once one gets it. */
export async function addFirstAdmin(sql: SqlServer, user: Omit<NewUser, "role">): Promise<boolean> {
  return await sql.transaction(async (tx) => {
    const claim = "INSERT INTO bootstrap (id, user_id, at) VALUES (1, ?, ?) ON CONFLICT DO NOTHING";
    if ((await tx.run(claim, user.id, user.at)) !== 1) return false;
    if (!(await addUser(tx, { ...user, role: "admin" }))) {
      throw new Error("there is an account before the first admin");
    }
    return true;
  });
}

/** Whether anybody can administer it: without an admin nobody is let in. */
export async function hasAdmin(sql: SqlWork): Promise<boolean> {
  const text = "SELECT id FROM users WHERE role = 'admin' AND is_disabled = 0 LIMIT 1";
  return (await sql.all(text)).length > 0;
}

export async function findUser(
  sql: SqlWork,
  by: { id: string } | { email: string },
): Promise<User | undefined> {
  const [row] =
    "id" in by
      ? await sql.all("SELECT * FROM users WHERE id = ?", by.id)
      : await sql.all("SELECT * FROM users WHERE email = ?", by.email);
  return row === undefined ? undefined : userOf(row);
}

/** The hash of an account that may log in. */
export async function findCredentials(
  sql: SqlWork,
  email: string,
): Promise<{ user: User; password: string } | undefined> {
  const text = "SELECT * FROM users WHERE email = ? AND is_disabled = 0";
  const [row] = await sql.all(text, email);
  return row === undefined ? undefined : { user: userOf(row), password: String(row["password"]) };
}

export async function listUsers(sql: SqlWork): Promise<User[]> {
  return (await sql.all("SELECT * FROM users ORDER BY created_at, id")).map(userOf);
}

export interface UserChange {
  id: string;
  name?: string;
  role?: Role;
  isDisabled?: boolean;
  password?: string;
  at: number;
}

/**
 * Changes an account, and ends its sessions when its role, password or place changed; a new password ends its tokens too, since
 * whoever knew the old one may have made some. `last admin` when nobody could administer it any more; then nothing was changed.
 */
export async function changeUser(
  sql: SqlServer,
  change: UserChange,
): Promise<"changed" | "unknown" | "last admin"> {
  return await sql.transaction(async (tx) => {
    // A write first: from here on no other gateway changes an account at the same time.
    if ((await tx.run("UPDATE bootstrap SET at = at WHERE id = 1")) === 0) return "unknown";
    const before = await findUser(tx, { id: change.id });
    if (before === undefined) return "unknown";
    const { name = before.name, role = before.role, isDisabled = before.isDisabled } = change;
    const losesAdmin = before.role === "admin" && (role !== "admin" || isDisabled);
    if (losesAdmin && !before.isDisabled && !(await hasOtherAdmin(tx, change.id)))
      return "last admin";
    const text =
      "UPDATE users SET name = ?, role = ?, is_disabled = ?, updated_at = ? WHERE id = ?";
    await tx.run(text, name, role, Number(isDisabled), change.at, change.id);
    if (change.password !== undefined) {
      await tx.run("UPDATE users SET password = ? WHERE id = ?", change.password, change.id);
      const ended = "UPDATE tokens SET revoked_at = ? WHERE user_id = ? AND revoked_at IS NULL";
      await tx.run(ended, change.at, change.id);
    }
    const isSame = role === before.role && isDisabled === before.isDisabled;
    if (!isSame || change.password !== undefined) {
      await tx.run("DELETE FROM sessions WHERE user_id = ?", change.id);
    }
    return "changed";
  });
}

async function hasOtherAdmin(tx: SqlWork, id: string): Promise<boolean> {
  const text = "SELECT id FROM users WHERE role = 'admin' AND is_disabled = 0 AND id <> ? LIMIT 1";
  return (await tx.all(text, id)).length > 0;
}

/** Also of a row that was joined to another one, under the same names. */
export function userOf(row: SqlRow): User {
  const role = parseRole(String(row["role"]));
  if (role === undefined) throw new Error(`an account has the role ${JSON.stringify(row["role"])}`);
  return {
    id: String(row["id"]),
    email: String(row["email"]),
    name: String(row["name"]),
    role,
    isDisabled: Number(row["is_disabled"]) === 1,
    createdAt: Number(row["created_at"]),
  };
}
