// SQLite through bun:sqlite, loaded at the first use. What goes wrong is told as AppError with what helps.
import { accessSync, constants, existsSync, mkdirSync, statSync } from "node:fs";
import { dirname } from "node:path";
import type { Database, SqlRow, SqlValue } from "../context.ts";
import { shellWord } from "../domain/shell-word.ts";
import { AppError, exitCodes } from "../errors.ts";
import { asideHint, errnoCode, naming } from "./file-faults.ts";
import { makeDatabaseFile } from "./set-aside.ts";
import { unwritableDatabase } from "./unwritable-database.ts";

/** Longer than any write of ours; SQLite's own default is not to wait at all. */
export const busyTimeoutMs = 5_000;

/** Those that were opened and not closed. */
let openCount = 0;

/** Whether one would be closed only by the end of this process. */
export function hasOpenDatabase(): boolean {
  return openCount > 0;
}

/** As Context.openDatabase says. */
export async function openDatabase(
  path: string,
  { create, patienceMs = busyTimeoutMs }: { create: boolean; patienceMs?: number | undefined },
): Promise<Database | undefined> {
  if (!existsSync(path)) {
    if (!create) return undefined;
    // SQLite would make it with the umask; its -wal and -shm files get the mode of the file itself.
    naming({ verb: "create", path }, () =>
      mkdirSync(dirname(path), { recursive: true, mode: 0o700 }),
    );
    await makeDatabaseFile(path, patienceMs);
  }
  const sqlite = await import("bun:sqlite");
  const file = fileAt(path);
  const mustBeThere = (): void => {
    if (file === undefined || fileAt(path) !== file) throw replaced(path);
  };
  const guard = <T>(work: () => T): T => {
    try {
      return work();
    } catch (error) {
      throw error instanceof sqlite.SQLiteError ? fault(error.code ?? "", { path, error }) : error;
    }
  };
  const database = guard(() => new sqlite.Database(path, { readwrite: true, strict: true }));
  openCount += 1;
  let isOpen = true;
  const close = (): void => {
    if (isOpen) openCount -= 1;
    isOpen = false;
    database.close();
  };
  try {
    guard(() => {
      database.run(`PRAGMA busy_timeout = ${patienceMs}`);
      // The first statement that reads the file: here a damaged one is found. A file that is in WAL mode stays in it.
      switchToWal(patienceMs, () => void database.run("PRAGMA journal_mode = WAL"));
      // A receipt is a promise: what is committed is on the disk, whatever becomes of the power.
      database.run("PRAGMA synchronous = FULL");
      database.run("PRAGMA foreign_keys = ON");
    });
    // By now its -wal and -shm are open too, which SQLite finds by name: they are those of the same file.
    mustBeThere();
  } catch (error) {
    close();
    throw error;
  }
  // Before each: what is written into a file that was moved away is lost, and told as written.
  const ask = <T>(work: () => T): T => {
    mustBeThere();
    return guard(work);
  };
  return {
    file: file ?? "",
    all: (sql, ...values) => ask(() => database.query<SqlRow, SqlValue[]>(sql).all(...values)),
    run: (sql, ...values) => ask(() => database.query(sql).run(...values).changes),
    script: (sql) => ask(() => void database.run(sql)),
    transaction: (work) => ask(() => database.transaction(work).immediate()),
    [Symbol.dispose]: close,
  };
}

/** Which file the path names; undefined when none. */
function fileAt(path: string): string | undefined {
  const found = statSync(path, { throwIfNoEntry: false });
  return found === undefined ? undefined : `${found.dev}:${found.ino}`;
}

function replaced(path: string): AppError {
  return new AppError(`${path} was moved away or replaced while it was open`, {
    exitCode: exitCodes.busy,
    hint: "try again; the new one is used then",
  });
}

/** Of several processes that make the file at once SQLite refuses all but one without a wait (sqlite.org/wal.html). */
function switchToWal(patienceMs: number, turn: () => void): void {
  const deadline = performance.now() + patienceMs;
  for (;;) {
    try {
      turn();
      return;
    } catch (error) {
      const isBusy = error instanceof Error && "code" in error && error.code === "SQLITE_BUSY";
      if (!isBusy || performance.now() > deadline) throw error;
      Bun.sleepSync(5);
    }
  }
}

function isReadOnlyDisk(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK);
    return false;
  } catch (error) {
    return errnoCode(error) === "EROFS";
  }
}

/** Codes of SQLite: sqlite.org/rescode.html. */
function fault(code: string, { path, error }: { path: string; error: Error }): AppError {
  const told = ((): [string, string, number] | AppError => {
    if (/^SQLITE_(BUSY|LOCKED)/.test(code)) {
      return ["is locked by another process", `fuser -v ${path}`, exitCodes.busy];
    }
    if (/^SQLITE_(CORRUPT|NOTADB)/.test(code)) {
      // Together: who makes a new one beside a -shm that is still in use loses what it writes (set-aside.ts).
      const [from, to] = [shellWord(path), shellWord(`${path}.damaged`)];
      const move = `for e in "" -wal -shm; do test ! -e ${from}$e || mv ${from}$e ${to}$e; done`;
      const keep = `keep it and start anew: ${move}`;
      const hint = path.endsWith("/state.db")
        ? "it holds messages and receipts; keep it and start anew: mosaic doctor --fix"
        : path.endsWith("/gateway.db")
          ? `it holds accounts and tokens; put a backup in its place, or ${keep}\nmosaic gateway backup restore FILE`
          : keep;
      return ["is damaged, or no database", hint, exitCodes.failed];
    }
    if (/^SQLITE_(READONLY|CANTOPEN|PERM|AUTH)/.test(code)) {
      if (statSync(path, { throwIfNoEntry: false })?.isDirectory() === true) {
        return ["is no file", asideHint(path), exitCodes.failed];
      }
      if (isReadOnlyDisk(dirname(path))) {
        return [
          "is on a read-only file system",
          `findmnt -T ${shellWord(dirname(path))}`,
          exitCodes.failed,
        ];
      }
      const closed = unwritableDatabase(path);
      if (closed !== undefined) {
        const { what, hint } = closed;
        return new AppError(what, { exitCode: exitCodes.failed, hint, cause: error });
      }
      return ["cannot be written", `ls -ld ${dirname(path)} ${path}*`, exitCodes.failed];
    }
    if (/^SQLITE_(FULL|IOERR)/.test(code)) {
      return [`cannot be used (${error.message})`, `df -h ${dirname(path)}`, exitCodes.failed];
    }
    return [`: ${error.message} (${code})`, "mosaic doctor", exitCodes.bug];
  })();
  if (told instanceof AppError) return told;
  const [what, hint, exitCode] = told;
  return new AppError(`${path} ${what}`.replace(" : ", ": "), { exitCode, hint, cause: error });
}
