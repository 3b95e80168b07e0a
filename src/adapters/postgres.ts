// PostgreSQL through Bun.SQL. A lost connection is an AppError that says "try again"; Bun connects anew by itself
// (research/bun.md A5, measured on 15.18).
import type { SqlRow, SqlServer, SqlValue, SqlWork } from "../context.ts";
import { AppError, exitCodes } from "../errors.ts";

/** Connections of one gateway. */
const maxConnections = 10;

/** A server that does not answer is as good as down. */
const connectTimeoutSeconds = 5;

/** As Context.connectPostgres says. The URL holds a password and stands in no error. */
export function connectPostgres(url: string): SqlServer {
  const pool = new Bun.SQL({
    url,
    adapter: "postgres",
    max: maxConnections,
    connectionTimeout: connectTimeoutSeconds,
    // Numbers of 8 bytes come as text otherwise; ours are times and counts.
    bigint: false,
  });
  return {
    engine: "postgres",
    ...workOn(pool),
    transaction: (act) =>
      guard(async () => {
        const result = await pool.begin(async (tx) => ({ value: await act(workOn(tx)) }));
        return result.value;
      }),
    async [Symbol.asyncDispose]() {
      await pool.close({ timeout: 1 });
    },
  };
}

function workOn(sql: Pick<Bun.SQL, "unsafe">): SqlWork {
  return {
    all: (text, ...values) =>
      guard(async () => {
        const rows: Record<string, unknown>[] = await sql.unsafe(numbered(text), [...values]);
        return rows.map(plainRow);
      }),
    run: (text, ...values) =>
      guard(async () => {
        const done: { count: number | null } = await sql.unsafe(numbered(text), [...values]);
        return done.count ?? 0;
      }),
  };
}

/** `?` to `$1`, `$2`, …; none of our statements has a question mark in a text of its own. */
function numbered(text: string): string {
  let count = 0;
  return text.replaceAll("?", () => `$${++count}`);
}

function plainRow(row: Record<string, unknown>): SqlRow {
  const plain: Record<string, SqlValue> = {};
  for (const [name, value] of Object.entries(row)) {
    if (value === null || typeof value === "string" || typeof value === "number")
      plain[name] = value;
    else if (typeof value === "bigint") plain[name] = Number(value);
    else throw new Error(`column ${name} has a type that the store does not use`);
  }
  return plain;
}

/** Classes of SQLSTATE that say "not now": connection, resources, intervention by an operator, and lost races. */
const passing = /^(08|53|57|40)/;

async function guard<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof AppError || !isPostgresError(error)) throw error;
    const state = "errno" in error ? String(error.errno) : "";
    const isPassing = error.code !== "ERR_POSTGRES_SERVER_ERROR" || passing.test(state);
    if (!isPassing) throw error;
    throw new AppError(`PostgreSQL cannot be used now (${state === "" ? error.code : state})`, {
      exitCode: exitCodes.busy,
      hint: "see whether it runs, and whether MOSAIC_DATABASE_URL names it",
      cause: error,
    });
  }
}

function isPostgresError(error: unknown): error is Error & { code: string } {
  return error instanceof Error && "code" in error && String(error.code).startsWith("ERR_POSTGRES");
}
