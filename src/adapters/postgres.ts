// PostgreSQL through Bun.SQL. A lost connection is an AppError that says "try again"; Bun connects anew by itself
// (research/bun.md A5, measured on 15.18). A server that hangs is noticed here: Bun would wait for its answer for ever.
import type { SqlRow, SqlServer, SqlValue, SqlWork } from "../context.ts";
import { AppError, exitCodes } from "../errors.ts";

/** Connections of one gateway. */
const maxConnections = 10;

/** A server that does not answer is as good as down. */
const connectTimeoutSeconds = 5;
const answerMs = 10_000;

export interface PostgresOptions {
  /** For tests: how long an answer may take. */
  answerMs?: number;
}

/** As Context.connectPostgres says. The URL holds a password and stands in no error. */
export function connectPostgres(url: string, options: PostgresOptions = {}): SqlServer {
  const open = (): Bun.SQL =>
    new Bun.SQL({
      url,
      adapter: "postgres",
      max: maxConnections,
      connectionTimeout: connectTimeoutSeconds,
      // Numbers of 8 bytes come as text otherwise; ours are times and counts, which plainRow makes numbers of.
      bigint: true,
    });
  let pool = open();
  /** The connections of one that hangs are given up, with all that waits in them. */
  const inTime = async <T>(of: Bun.SQL, asked: Promise<T>): Promise<T> => {
    const late = Promise.withResolvers<never>();
    const timer = setTimeout(() => {
      late.reject(notNow("it does not answer"));
      if (pool !== of) return;
      pool = open();
      of.close({ timeout: 0 }).catch(ignore);
    }, options.answerMs ?? answerMs);
    try {
      return await Promise.race([asked, late.promise]);
    } finally {
      clearTimeout(timer);
    }
  };
  const workOn = (of: Bun.SQL, connection: Pick<Bun.SQL, "unsafe">): SqlWork => {
    const ask = (text: string, values: readonly SqlValue[]) =>
      guard(() => inTime(of, connection.unsafe(numbered(text), values.map(storable))));
    return {
      async all(text, ...values) {
        const rows: Record<string, unknown>[] = await ask(text, values);
        return rows.map(plainRow);
      },
      async run(text, ...values) {
        const done: { count: number | null } = await ask(text, values);
        return done.count ?? 0;
      },
    };
  };
  return {
    engine: "postgres",
    all: (text, ...values) => workOn(pool, pool).all(text, ...values),
    run: (text, ...values) => workOn(pool, pool).run(text, ...values),
    transaction: (act) =>
      guard(async () => {
        const of = pool;
        const result = await of.begin(async (tx) => ({ value: await act(workOn(of, tx)) }));
        return result.value;
      }),
    async [Symbol.asyncDispose]() {
      await pool.close({ timeout: 1 });
    },
  };
}

/** `?` to `$1`, `$2`, …; none of our statements has a question mark in a text of its own. */
function numbered(text: string): string {
  let count = 0;
  return text.replaceAll("?", () => `$${++count}`);
}

/** A text of PostgreSQL cannot hold U+0000 (postgresql.org/docs/15/datatype-character.html); what an agent prints may. */
function storable(value: SqlValue): SqlValue {
  return typeof value === "string" ? value.replaceAll("\0", "\u{FFFD}") : value;
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

/**
 * Classes of SQLSTATE that are no fault of ours (postgresql.org/docs/15/errcodes-appendix.html): connection, resources,
 * intervention by an operator, lost races, a disk that fails or data that is damaged, and what its administrator has not granted.
 */
const passing = /^(08|25006|28|3D|40|42501|53|57|58|XX)/;

const words: readonly (readonly [RegExp, string])[] = [
  [/^28/, "it refuses this user or password"],
  [/^3D/, "it has no such database"],
  [/^25006/, "it takes no writes"],
  [/^42501/, "it does not let this user do that"],
  [/^(58|XX)/, "its files are damaged or gone"],
];

async function guard<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof AppError || !isPostgresError(error)) throw error;
    const state = "errno" in error ? String(error.errno) : "";
    const isPassing = error.code !== "ERR_POSTGRES_SERVER_ERROR" || passing.test(state);
    if (!isPassing) throw error;
    const [, why = ""] = words.find(([of]) => of.test(state)) ?? [];
    const code = state === "" ? error.code : state;
    throw notNow(why === "" ? code : `${why}: ${code}`, error);
  }
}

function notNow(why: string, cause?: Error): AppError {
  return new AppError(`PostgreSQL cannot be used now (${why})`, {
    exitCode: exitCodes.busy,
    hint: "see whether it runs, and whether MOSAIC_DATABASE_URL names it",
    cause,
  });
}

function isPostgresError(error: unknown): error is Error & { code: string } {
  return error instanceof Error && "code" in error && String(error.code).startsWith("ERR_POSTGRES");
}

/** What it was closed for was told already. */
function ignore(): void {}
