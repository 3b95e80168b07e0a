// A copy of an SQLite file, made while it is in use.
import type { Context, SqlServer } from "../context.ts";

/** Copies what is committed into a new file, 0600 (sqlite.org/lang_vacuum.html, VACUUM INTO). Throws AppError. */
export async function backUpDatabase(ctx: Context, sql: SqlServer, path: string): Promise<void> {
  // SQLite would make it with the umask, and in no new folder; it takes a file that is there when that is empty.
  await ctx.files.write(path, "", 0o600);
  await sql.run("VACUUM INTO ?", path);
}
