// Hosts of a team in the gateway's store: those that are there, and those that were. Which of them live is known by Valkey
// alone (bus/presence.ts).
import * as v from "valibot";
import type { SqlWork } from "../../context.ts";

const agentsSchema = v.array(v.object({ name: v.string(), runtime: v.string() }));

export interface KnownHost {
  /** Names a host and one home on it. */
  id: string;
  name: string;
  version: string;
  agents: v.InferOutput<typeof agentsSchema>;
  /** Epoch milliseconds, by the clock of that host. */
  seenAt: number;
  /** When its gateway ended and said so; undefined while it runs, and when it fell silent. */
  leftAt: number | undefined;
}

/** Adds it, or brings it up to date. */
export async function putHost(sql: SqlWork, host: KnownHost): Promise<void> {
  const { id, name, version, agents, seenAt, leftAt = null } = host;
  const text = `INSERT INTO hosts (id, name, version, agents, seen_at, left_at) VALUES (?, ?, ?, ?, ?, ?)
    ON CONFLICT (id) DO UPDATE SET name = excluded.name, version = excluded.version, agents = excluded.agents,
    seen_at = excluded.seen_at, left_at = excluded.left_at`;
  const rows = JSON.stringify(agents.map(({ name: agent, runtime }) => ({ name: agent, runtime })));
  await sql.run(text, id, name, version, rows, seenAt, leftAt);
}

export async function listHosts(sql: SqlWork): Promise<KnownHost[]> {
  const rows = await sql.all("SELECT * FROM hosts ORDER BY name, id");
  return rows.map((row) => ({
    id: String(row["id"]),
    name: String(row["name"]),
    version: String(row["version"]),
    agents: v.parse(agentsSchema, JSON.parse(String(row["agents"]))),
    seenAt: Number(row["seen_at"]),
    leftAt: typeof row["left_at"] === "number" ? row["left_at"] : undefined,
  }));
}

/** Forgets those that were last seen before. */
export async function dropOldHosts(sql: SqlWork, before: number): Promise<void> {
  await sql.run("DELETE FROM hosts WHERE seen_at < ?", before);
}
