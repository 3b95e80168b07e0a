// Single facts about the gateway's store.
import type { SqlWork } from "../../context.ts";

/** The value of this name; undefined when nobody has written one. */
export async function findFact(sql: SqlWork, name: string): Promise<string | undefined> {
  const [row] = await sql.all("SELECT value FROM facts WHERE name = ?", name);
  return row === undefined ? undefined : String(row["value"]);
}

/** What is there by now: of any number who write the same name first, one is right. */
export async function claimFact(
  sql: SqlWork,
  { name, value }: { name: string; value: string },
): Promise<string> {
  await sql.run(
    "INSERT INTO facts (name, value) VALUES (?, ?) ON CONFLICT DO NOTHING",
    name,
    value,
  );
  return (await findFact(sql, name)) ?? value;
}

/** Writes it, whatever it was before. */
export async function putFact(
  sql: SqlWork,
  { name, value }: { name: string; value: string },
): Promise<void> {
  const text =
    "INSERT INTO facts (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value";
  await sql.run(text, name, value);
}
