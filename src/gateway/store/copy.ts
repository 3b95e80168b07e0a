// Copies a whole store into another one, of either engine, and proves that both hold the same rows. What is there already is
// left alone, so a copy that was cut off is finished by doing it again.
import type { SqlRow, SqlServer, SqlValue, SqlWork } from "../../context.ts";
import { sha256Hex } from "../../domain/hash.ts";
import { AppError, exitCodes } from "../../errors.ts";
import { type Table, tables } from "./tables.ts";

const batchSize = 500;

/** What may be read of a store. */
export type Readable = Pick<SqlServer, "engine" | "all">;

/** What stands in a team's store at one moment, whoever writes meanwhile (postgresql.org/docs/15/transaction-iso.html). */
export async function atOneMoment<T>(
  sql: SqlServer,
  read: (frozen: Readable) => Promise<T>,
): Promise<T> {
  return await sql.transaction(async (tx) => {
    await tx.run("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY");
    return await read({ engine: sql.engine, all: (text, ...values) => tx.all(text, ...values) });
  });
}

export interface TableSum {
  name: string;
  rows: number;
  /** Of all rows in the order of their keys. */
  sha256: string;
}

/** Throws AppError, exit 4, when the target has rows that the source has not, or others under the same keys. */
export async function copyStore(
  from: Readable,
  to: SqlServer,
  told: (table: string, rows: number) => void = () => undefined,
): Promise<TableSum[]> {
  for (const table of tables) {
    let copied = 0;
    for await (const rows of batches(from, table)) {
      await to.transaction(async (tx) => {
        for (const row of rows) await insert(tx, { table, row, engine: to.engine });
      });
      copied += rows.length;
      told(table.name, copied);
    }
    if (table.isSerial === true && to.engine === "postgres") await continueCounting(to, table);
  }
  const sums = await sumStore(from);
  const others = await sumStore(to);
  const wrong = sums.filter(({ sha256 }, index) => others[index]?.sha256 !== sha256);
  if (wrong.length === 0) return sums;
  const names = wrong.map(({ name }) => name).join(", ");
  throw new AppError(`the two stores do not hold the same rows: ${names}`, {
    exitCode: exitCodes.refused,
    hint: "the target belongs to another installation, or something wrote to one of them meanwhile",
  });
}

/** Count and hash of each table; equal on both engines for equal rows. */
export async function sumStore(sql: Readable): Promise<TableSum[]> {
  const sums: TableSum[] = [];
  for (const table of tables) {
    const hash = new Bun.CryptoHasher("sha256");
    let count = 0;
    for await (const rows of batches(sql, table)) {
      for (const row of rows) hash.update(sha256Hex(JSON.stringify(valuesOf(table, row))));
      count += rows.length;
    }
    sums.push({ name: table.name, rows: count, sha256: hash.digest("hex") });
  }
  return sums;
}

/** Whether it holds an account, and so is somebody's. */
export async function isUsed(sql: SqlWork): Promise<boolean> {
  return (await sql.all("SELECT id FROM users LIMIT 1")).length > 0;
}

async function* batches(sql: Readable, table: Table): AsyncGenerator<SqlRow[]> {
  const columns = table.columns.join(", ");
  const order = table.key.map((name) => orderOf(name, { table, engine: sql.engine }));
  const list = order.join(", ");
  const after = `(${list}) > (${table.key.map(() => "?").join(", ")})`;
  let last: SqlValue[] | undefined;
  for (;;) {
    const where = last === undefined ? "" : `WHERE ${after}`;
    const text = `SELECT ${columns} FROM ${table.name} ${where} ORDER BY ${list} LIMIT ${batchSize}`;
    const rows = await sql.all(text, ...(last ?? []));
    if (rows.length > 0) yield rows;
    const end = rows.at(-1);
    if (end === undefined || rows.length < batchSize) return;
    last = table.key.map((name) => end[name] ?? null);
  }
}

/** Bytes, not the rules of a language: both engines have to walk in one order. */
function orderOf(
  column: string,
  { table, engine }: { table: Table; engine: SqlServer["engine"] },
): string {
  return engine === "postgres" && !isNumeric(table, column) ? `${column} COLLATE "C"` : column;
}

/** Numbers of eight bytes come from PostgreSQL as text. */
function valuesOf(table: Table, row: SqlRow): SqlValue[] {
  return table.columns.map((name) => {
    const value = row[name] ?? null;
    if (isNumeric(table, name) && value !== null) return Number(value);
    // PostgreSQL holds no NUL in a text, and neither does what was copied into it.
    return typeof value === "string" ? value.replaceAll("\0", "\uFFFD") : value;
  });
}

function isNumeric({ name }: Table, column: string): boolean {
  if (name === "bootstrap" && column === "id") return true;
  return /^(at|seq|is_disabled|.+_at)$/.test(column);
}

async function insert(
  tx: SqlWork,
  { table, row, engine }: { table: Table; row: SqlRow; engine: SqlServer["engine"] },
): Promise<void> {
  const overriding =
    table.isSerial === true && engine === "postgres" ? "OVERRIDING SYSTEM VALUE " : "";
  const marks = table.columns.map(() => "?").join(", ");
  const text = `INSERT INTO ${table.name} (${table.columns.join(", ")}) ${overriding}VALUES (${marks}) ON CONFLICT DO NOTHING`;
  await tx.run(text, ...valuesOf(table, row));
}

async function continueCounting(sql: SqlServer, { name, key }: Table): Promise<void> {
  const [column = ""] = key;
  const highest = `(SELECT coalesce(max(${column}), 0) + 1 FROM ${name})`;
  await sql.all(
    `SELECT setval(pg_get_serial_sequence('${name}', '${column}'), ${highest}, false)::text AS next`,
  );
}
