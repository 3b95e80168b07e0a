// Networks from which an account has logged in, in the gateway's store.
import type { SqlWork } from "../../context.ts";

/** A place where somebody has not logged in for so long is a strange one again. */
const keptMs = 90 * 24 * 60 * 60 * 1000;

export async function addKnownNetwork(
  sql: SqlWork,
  { userId, network, at }: { userId: string; network: string; at: number },
): Promise<void> {
  const text = `INSERT INTO known_networks (user_id, network, at) VALUES (?, ?, ?)
    ON CONFLICT (user_id, network) DO UPDATE SET at = excluded.at`;
  await sql.run(text, userId, network, at);
}

export async function isKnownNetwork(
  sql: SqlWork,
  { email, network, at }: { email: string; network: string; at: number },
): Promise<boolean> {
  const text = `SELECT users.id FROM known_networks JOIN users ON users.id = known_networks.user_id
    WHERE email = ? AND network = ? AND at > ? LIMIT 1`;
  return (await sql.all(text, email, network, at - keptMs)).length > 0;
}

export async function dropOldNetworks(sql: SqlWork, at: number): Promise<void> {
  await sql.run("DELETE FROM known_networks WHERE at <= ?", at - keptMs);
}
