// An SQLite file behind the interface that PostgreSQL has too. SQLite is synchronous; what makes it safe for callers
// that wait in between is that a transaction has the connection for itself until its end.
import type { Database, SqlServer, SqlWork } from "../context.ts";
import { AppError, exitCodes } from "../errors.ts";
import { busyTimeoutMs, openDatabase } from "./sqlite.ts";

const pauseMs = 2;

/** As Context.openSqlServer says. */
export async function openSqlServer(path: string): Promise<SqlServer> {
  const database = await openDatabase(path, { create: true });
  if (database === undefined) throw new Error("a database that was to be made is not there");
  return sqlServerOver(database);
}

function sqlServerOver(database: Database): SqlServer {
  // A wait inside SQLite would stop the whole program, and for ever what the lock waits for.
  database.script("PRAGMA busy_timeout = 0");
  // Settles when the last transaction that was asked for has ended.
  let last: Promise<unknown> = Promise.resolve();
  const work: SqlWork = {
    all: async (sql, ...values) => database.all(sql, ...values),
    run: async (sql, ...values) => database.run(sql, ...values),
  };
  // Also at a later try: what is written within somebody's transaction is undone with it.
  const alone = <T>(ask: () => T): Promise<T> =>
    patiently(async () => {
      await last;
      return ask();
    });
  return {
    engine: "sqlite",
    all: (sql, ...values) => alone(() => database.all(sql, ...values)),
    run: (sql, ...values) => alone(() => database.run(sql, ...values)),
    async transaction(act) {
      const before = last;
      const { promise, resolve } = Promise.withResolvers<void>();
      last = before.then(() => promise);
      await before;
      try {
        await patiently(async () => database.script("BEGIN IMMEDIATE"));
        try {
          const result = await act(work);
          database.script("COMMIT");
          return result;
        } catch (error) {
          // A full disk has rolled it back already (sqlite.org/lang_transaction.html).
          undo(database);
          throw error;
        }
      } finally {
        resolve();
      }
    },
    async [Symbol.asyncDispose]() {
      await last;
      database[Symbol.dispose]();
    },
  };
}

/** Again while another process writes, for as long as SQLite itself would have waited. */
async function patiently<T>(ask: () => Promise<T>): Promise<T> {
  const deadline = performance.now() + busyTimeoutMs;
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      const isBusy = error instanceof AppError && error.exitCode === exitCodes.busy;
      if (!isBusy || performance.now() > deadline) throw error;
    }
    await Bun.sleep(pauseMs);
  }
}

function undo(database: Database): void {
  try {
    database.script("ROLLBACK");
  } catch {
    // There was nothing left to undo, and the first error is the one that says why.
  }
}
