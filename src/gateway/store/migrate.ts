// Brings the gateway's store up to date: forward only, one gateway at a time, and never one of a newer mosaic.
import type { SqlServer, SqlWork } from "../../context.ts";
import { AppError } from "../../errors.ts";
import { migrations as all, statementsOf } from "./migrations.ts";

export interface Migrating {
  /** Called before the first step is taken on a store that holds something, with the version that it has. */
  backUp?: (version: number) => Promise<void>;
  /** For tests: another list of steps. */
  migrations?: readonly string[];
}

/** Any number, so long as nothing else of ours takes it: the lock that gateways who migrate wait for. */
const migrationLock = 0x6d6f7361;

/** The version that the store has by now. Throws AppError when a newer mosaic wrote it. */
export async function migrate(sql: SqlServer, options: Migrating = {}): Promise<number> {
  const steps = options.migrations ?? all;
  const before = await currentVersion(sql);
  refuseNewer(before, steps.length);
  if (before === steps.length) return before;
  if (before > 0) await options.backUp?.(before);
  await sql.transaction(async (tx) => {
    await lock(tx, sql.engine);
    const int = sql.engine === "sqlite" ? "INTEGER" : "BIGINT";
    await tx.run(
      `CREATE TABLE IF NOT EXISTS schema_versions (version ${int} PRIMARY KEY, applied_at TEXT NOT NULL)`,
    );
    // Of two that come at once the second finds it done.
    const version = await versionIn(tx);
    refuseNewer(version, steps.length);
    for (let next = version; next < steps.length; next++) {
      for (const statement of statementsOf(steps[next] ?? "", sql.engine)) await tx.run(statement);
      await tx.run(
        "INSERT INTO schema_versions (version, applied_at) VALUES (?, CURRENT_TIMESTAMP)",
        next + 1,
      );
    }
  });
  return steps.length;
}

/** How many steps it has; 0 for an empty one. */
export async function currentVersion(sql: SqlServer): Promise<number> {
  const known =
    sql.engine === "sqlite"
      ? "SELECT name FROM sqlite_schema WHERE name = 'schema_versions'"
      : "SELECT tablename FROM pg_tables WHERE schemaname = current_schema() AND tablename = 'schema_versions'";
  return (await sql.all(known)).length === 0 ? 0 : await versionIn(sql);
}

async function versionIn(work: SqlWork): Promise<number> {
  const [row] = await work.all("SELECT max(version) AS version FROM schema_versions");
  return Number(row?.["version"] ?? 0);
}

/** Throws AppError for a schema that this version does not know. */
export function refuseNewer(version: number, known = all.length): void {
  if (version <= known) return;
  throw new AppError(
    `the gateway's store was written by a newer mosaic (schema ${version}, this one knows ${known})`,
    {
      hint: "mosaic update, or mosaic update --rollback when that was the version before; this one writes nothing into it",
    },
  );
}

/** SQLite's own write lock is enough: a transaction takes it at once. */
async function lock(tx: SqlWork, engine: SqlServer["engine"]): Promise<void> {
  if (engine === "postgres")
    await tx.all(`SELECT pg_advisory_xact_lock(${migrationLock})::text AS got`);
}
