// Who did what, when, and what came of it. Rows are added and never changed, and dropped when they are old.
import type { SqlWork } from "../../context.ts";

export interface AuditEntry {
  /** Epoch milliseconds. */
  at: number;
  /** An e-mail address; empty for somebody unknown. */
  actor: string;
  via: "session" | "token" | "cli" | "";
  /** Such as `login` or `agent.restart`. */
  action: string;
  /** What it was done to. Holds no secret, and no text of a message. */
  target: string;
  outcome: string;
  address: string;
}

export async function addAudit(sql: SqlWork, entry: AuditEntry): Promise<void> {
  const { at, actor, via, action, target, outcome, address } = entry;
  const text =
    "INSERT INTO audit (at, actor, via, action, target, outcome, address) VALUES (?, ?, ?, ?, ?, ?, ?)";
  await sql.run(text, at, actor, via, action, target.slice(0, 300), outcome, address);
}

export interface NumberedAudit extends AuditEntry {
  /** Counts up; a page goes on before that of its last entry. */
  seq: number;
}

/** The newest first, before that number. */
export async function listAudit(
  sql: SqlWork,
  { before, limit }: { before: number; limit: number },
): Promise<NumberedAudit[]> {
  const rows = await sql.all(
    "SELECT * FROM audit WHERE seq < ? ORDER BY seq DESC LIMIT ?",
    before,
    limit,
  );
  return rows.map((row) => ({
    seq: Number(row["seq"]),
    at: Number(row["at"]),
    actor: String(row["actor"]),
    via: (["session", "token", "cli"] as const).find((one) => one === row["via"]) ?? "",
    action: String(row["action"]),
    target: String(row["target"]),
    outcome: String(row["outcome"]),
    address: String(row["address"]),
  }));
}

export async function dropOldAudit(sql: SqlWork, before: number): Promise<void> {
  await sql.run("DELETE FROM audit WHERE at < ?", before);
}
