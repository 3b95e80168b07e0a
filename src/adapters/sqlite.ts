// SQLite through bun:sqlite, loaded at the first use. What goes wrong is told as AppError with what helps.
import { accessSync, closeSync, constants, existsSync, mkdirSync, openSync } from "node:fs";
import { dirname } from "node:path";
import type { Database, SqlRow, SqlValue } from "../context.ts";
import { shellWord } from "../domain/shell-word.ts";
import { AppError, exitCodes } from "../errors.ts";
import { errnoCode, naming } from "./file-faults.ts";

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
    naming({ verb: "create", path }, () => {
      mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
      closeSync(openSync(path, constants.O_RDWR | constants.O_CREAT, 0o600));
    });
  }
  const sqlite = await import("bun:sqlite");
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
  } catch (error) {
    close();
    throw error;
  }
  return {
    all: (sql, ...values) => guard(() => database.query<SqlRow, SqlValue[]>(sql).all(...values)),
    run: (sql, ...values) => guard(() => database.query(sql).run(...values).changes),
    script: (sql) => guard(() => void database.run(sql)),
    transaction: (work) => guard(() => database.transaction(work).immediate()),
    [Symbol.dispose]: close,
  };
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
  const [what, hint, exitCode] = ((): [string, string, number] => {
    if (/^SQLITE_(BUSY|LOCKED)/.test(code)) {
      return ["is locked by another process", `fuser -v ${path}`, exitCodes.busy];
    }
    if (/^SQLITE_(CORRUPT|NOTADB)/.test(code)) {
      // Without a -wal there is nothing to lose in one; the -shm is made anew (sqlite.org/walformat.html).
      const [from, to] = [shellWord(path), shellWord(`${path}.damaged`)];
      const away = `mv ${from} ${to}; test ! -e ${from}-wal || mv ${from}-wal ${to}-wal`;
      return [
        "is damaged, or no database",
        `it holds messages and receipts; keep it and start anew: ${away}`,
        exitCodes.failed,
      ];
    }
    if (/^SQLITE_(READONLY|CANTOPEN|PERM|AUTH)/.test(code)) {
      if (isReadOnlyDisk(dirname(path))) {
        return [
          "is on a read-only file system",
          `findmnt -T ${shellWord(dirname(path))}`,
          exitCodes.failed,
        ];
      }
      return ["cannot be written", `ls -ld ${dirname(path)} ${path}*`, exitCodes.failed];
    }
    if (/^SQLITE_(FULL|IOERR)/.test(code)) {
      return [`cannot be used (${error.message})`, `df -h ${dirname(path)}`, exitCodes.failed];
    }
    return [`: ${error.message} (${code})`, "mosaic doctor", exitCodes.bug];
  })();
  return new AppError(`${path} ${what}`.replace(" : ", ": "), { exitCode, hint, cause: error });
}
