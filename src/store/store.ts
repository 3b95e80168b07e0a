// state.db: what agents reported, and the messages to them with their receipts. One small file that many processes
// write at once; opened when it is needed, brought up to date when it is older, and left alone when it is newer.
import type { Context, Database } from "../context.ts";
import { stateDatabase } from "../domain/names.ts";
import { AppError } from "../errors.ts";
import { migrations } from "./migrations.ts";

/** "MOSA": marks the file as ours (sqlite.org/pragma.html#pragma_application_id). */
const applicationId = 0x4d4f5341;

/**
 * Opens it, and makes it when it is not there. `patienceMs`: for one who must not wait for another process as long as all
 * others do. Throws AppError as Database does, and when a newer mosaic wrote it.
 */
export async function openStore(
  ctx: Context,
  { patienceMs }: { patienceMs?: number } = {},
): Promise<Database> {
  const database = await ctx.openDatabase(stateDatabase(ctx.paths), { create: true, patienceMs });
  if (database === undefined) throw new Error("a database that was to be made is not there");
  return checked(ctx, database);
}

/** The same for one who only reads: undefined when nothing was ever written. */
export async function findStore(ctx: Context): Promise<Database | undefined> {
  const database = await ctx.openDatabase(stateDatabase(ctx.paths), { create: false });
  return database === undefined ? undefined : checked(ctx, database);
}

/**
 * Writes what is there already, and takes it back. Throws AppError as a message would: a mere read, and the begin of a
 * transaction, succeed in a file that cannot be written (sqlite.org/c3ref/open.html).
 */
export function tryToWrite(database: Database): void {
  const taken = new Error("taken back");
  try {
    database.transaction(() => {
      database.script(`PRAGMA user_version = ${pragma(database, "user_version")}`);
      throw taken;
    });
  } catch (error) {
    if (error !== taken) throw error;
  }
}

function checked(ctx: Context, database: Database): Database {
  try {
    migrate(ctx, database);
    return database;
  } catch (error) {
    database[Symbol.dispose]();
    throw error;
  }
}

function migrate(ctx: Context, database: Database): void {
  if (versionOf(ctx, database) === migrations.length) return;
  database.transaction(() => {
    // Of two that come at once the second finds it done.
    for (let version = versionOf(ctx, database); version < migrations.length; version++) {
      database.script(migrations[version] ?? "");
    }
    database.script(`PRAGMA application_id = ${applicationId}`);
    database.script(`PRAGMA user_version = ${migrations.length}`);
  });
}

/** How many of the migrations it has. Throws AppError for a file that is not ours to touch. */
function versionOf(ctx: Context, database: Database): number {
  const path = stateDatabase(ctx.paths);
  const version = pragma(database, "user_version");
  const id = pragma(database, "application_id");
  const isEmpty = database.all("SELECT 1 FROM sqlite_schema LIMIT 1").length === 0;
  if (id !== applicationId && !isEmpty) {
    throw new AppError(`${path} is a database of another program`, {
      hint: `keep it and start anew: mv ${path} ${path}.other`,
    });
  }
  if (version > migrations.length) {
    throw new AppError(
      `${path} was written by a newer mosaic (schema ${version}, this one knows ${migrations.length})`,
      {
        hint: "mosaic update, or mosaic update --rollback when that was the version before; this one writes nothing into it",
      },
    );
  }
  return version;
}

function pragma(database: Database, name: string): number {
  return Number(database.all(`PRAGMA ${name}`)[0]?.[name] ?? 0);
}
