// A copy of an SQLite file, made while it is in use; and a file that is there whole, or not at all.
import type { Context, SqlServer } from "../context.ts";
import { AppError } from "../errors.ts";
import { shellWord } from "../domain/shell-word.ts";

/** Copies what is committed into a new file, 0600 (sqlite.org/lang_vacuum.html, VACUUM INTO). Throws AppError. */
export async function backUpDatabase(ctx: Context, sql: SqlServer, path: string): Promise<void> {
  await makeWhole(ctx, path, async (part) => {
    // SQLite would make it with the umask, and in no new folder; it takes a file that is there when that is empty.
    await ctx.files.write(part, "", 0o600);
    await sql.run("VACUUM INTO ?", part);
  });
}

/**
 * What is made under another name beside it becomes the file: a disk that is full, or our death, leaves none that would pass for
 * a backup. Throws AppError as the work does.
 */
export async function makeWhole(
  ctx: Pick<Context, "files" | "randomHex">,
  path: string,
  make: (part: string) => Promise<void>,
): Promise<void> {
  const part = `${path}.part-${ctx.randomHex(8)}`;
  try {
    await make(part);
    await ctx.files.rename(part, path);
  } catch (error) {
    for (const end of ["", "-wal", "-shm"]) await ctx.files.remove(`${part}${end}`);
    if (!(error instanceof AppError) || codeOf(error) !== "SQLITE_FULL") throw error;
    // SQLite names the file that it reads.
    throw new AppError(`cannot write ${path}: the disk is full`, {
      hint: `df -h ${shellWord(/^(.*)\/[^/]*$/.exec(path)?.[1] ?? ".")}`,
      cause: error,
    });
  }
}

/** Whether SQLite found that what it read is no database, or no whole one (sqlite.org/rescode.html). */
export function isDamage(error: unknown): error is AppError {
  return error instanceof AppError && /^SQLITE_(CORRUPT|NOTADB)/.test(codeOf(error));
}

function codeOf({ cause }: AppError): string {
  return cause instanceof Error && "code" in cause ? String(cause.code) : "";
}
