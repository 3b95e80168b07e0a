// Hashes of the rows of databases, for the proof that an update lost none: SQLite files, and the gateway's PostgreSQL.
import type { Context, Database, SqlRow, SqlServer } from "../context.ts";
import { sha256Hex } from "../domain/hash.ts";
import type { Manifest, TableHashes } from "../domain/manifest.ts";
import { AppError } from "../errors.ts";
import { findGatewayStore } from "../gateway/schema-version.ts";
import { gatewaySettings } from "../gateway/settings.ts";
import { keptMs } from "../store/messages.ts";

/** Names of columns by table, as in a Manifest: those that are looked at; all where a table is not named. */
export type Columns = Manifest["columns"];

type Tables = Pick<Manifest, "tables" | "columns">;

const hourMs = 60 * 60 * 1000;

/** Every table of an SQLite file; nothing when it is not there. */
export async function tablesOf(ctx: Context, file: string, columns: Columns): Promise<Tables> {
  const found: Tables = { tables: {}, columns: {} };
  using database = await ctx.openDatabase(file, { create: false });
  if (database === undefined) return found;
  const names = database.all(
    "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name",
  );
  for (const { name } of names) {
    const what = `${file} ${name}`;
    const { keys, all } = columnsOf(database, String(name));
    const looked = columns[what] ?? all;
    const rows = database.all(`SELECT * FROM ${quoted(String(name))}`);
    found.columns[what] = looked;
    found.tables[what] = hashesOf(rows, { keys, looked, now: ctx.clock.now() });
  }
  return found;
}

function columnsOf(database: Database, table: string) {
  const info = database.all(`PRAGMA table_info(${quoted(table)})`);
  const keys = info.filter(({ pk }) => Number(pk) > 0).map(({ name }) => String(name));
  return { keys, all: info.map(({ name }) => String(name)) };
}

/** Those of the gateway's PostgreSQL; nothing where the tier is another. Says so when it cannot be asked. */
export async function gatewayTables(ctx: Context, columns: Columns): Promise<Tables> {
  try {
    const settings = await gatewaySettings(ctx);
    if (settings.tier !== "team") return { tables: {}, columns: {} };
    await using sql = await findGatewayStore(ctx, settings);
    return sql === undefined
      ? { tables: {}, columns: {} }
      : await postgresTables(ctx, sql, columns);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    // A configuration with faults names no database that anybody could use.
    ctx.io.err(`the gateway's database is not in the proof: ${error.message.split("\n", 1)[0]}\n`);
    return { tables: {}, columns: {} };
  }
}

async function postgresTables(ctx: Context, sql: SqlServer, columns: Columns): Promise<Tables> {
  const found: Tables = { tables: {}, columns: {} };
  const names = await sql.all(
    "SELECT tablename::text AS name FROM pg_tables WHERE schemaname = current_schema() ORDER BY 1",
  );
  for (const { name } of names) {
    const what = `PostgreSQL ${name}`;
    const info = await sql.all(
      `SELECT a.attname::text AS name, (i.indrelid IS NOT NULL)::int AS pk FROM pg_attribute a
      LEFT JOIN pg_index i ON i.indrelid = a.attrelid AND i.indisprimary AND a.attnum = ANY (i.indkey)
      WHERE a.attrelid = CAST(? AS text)::regclass AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum`,
      quoted(String(name)),
    );
    const keys = info.filter(({ pk }) => Number(pk) > 0).map((row) => String(row["name"]));
    const looked = columns[what] ?? info.map((row) => String(row["name"]));
    const rows = await sql.all(`SELECT * FROM ${quoted(String(name))}`);
    found.columns[what] = looked;
    found.tables[what] = hashesOf(rows, { keys, looked, now: ctx.clock.now() });
  }
  return found;
}

/** The hash of each row by its key. */
function hashesOf(
  rows: readonly SqlRow[],
  { keys, looked, now }: { keys: readonly string[]; looked: readonly string[]; now: number },
): TableHashes {
  const keyOf = (row: SqlRow, index: number) =>
    keys.length === 0 ? `#${index}` : JSON.stringify(keys.map((key) => row[key]));
  const kept = rows.filter((row) => !isPassing(row, now));
  return Object.fromEntries(
    kept.map((row, index) => [
      keyOf(row, index),
      sha256Hex(JSON.stringify(looked.map((name) => [name, row[name]]))),
    ]),
  );
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** Sessions end and old messages are dropped, update or not: what is about to go by itself is no loss. */
function isPassing(row: SqlRow, now: number): boolean {
  const { expires_at: expiresAt, created_at: createdAt, at } = row;
  const isEnding = typeof expiresAt === "number" && expiresAt < now + hourMs;
  const bornAt = createdAt ?? at;
  return isEnding || (typeof bornAt === "number" && bornAt < now + hourMs - keptMs);
}
