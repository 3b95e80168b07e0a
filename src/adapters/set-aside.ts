// A database is three files, FILE, FILE-wal and FILE-shm, and SQLite finds the two others by their names. A process that holds
// a moved FILE open shares the -shm with whoever makes a new FILE beside it; its next checkpoint then marks what the new one
// wrote as copied, and it is gone (sqlite.org/howtocorrupt.html#_unlinking_or_renaming_a_database_file_while_in_use). So the
// three are moved together, and a new FILE never takes over the two of a former one.
import { closeSync, constants, existsSync, openSync, renameSync, rmSync } from "node:fs";
import { shellWord } from "../domain/shell-word.ts";
import { AppError, exitCodes } from "../errors.ts";
import { naming } from "./file-faults.ts";
import { tryLock } from "./flock.ts";

/** Longer than three renames of another one take, on whatever machine. */
const longPatienceMs = 5_000;

/** Between two tries; the lock is held for three renames. */
const pauseMs = 5;

/** The database itself first: whoever finds none waits for the lock as long as one of the others is there. */
const ends = ["", "-wal", "-shm"] as const;

/** As Context.setDatabaseAside says. */
export async function setDatabaseAside(path: string): Promise<string> {
  return await alone(path, longPatienceMs, () => moveAll(path));
}

/**
 * Makes the file, empty and for its owner alone. Whatever a former one left beside it is moved away before. Throws AppError,
 * exit 75, when another one is at that for longer than this.
 */
export async function makeDatabaseFile(path: string, patienceMs: number): Promise<void> {
  const make = (): void =>
    naming({ verb: "create", path }, () => {
      closeSync(openSync(path, constants.O_RDWR | constants.O_CREAT, 0o600));
    });
  if (!hasLeft(path)) return make();
  await alone(path, patienceMs, () => {
    // Of two that come at once the second finds it made, and the files beside it are the new one's.
    if (existsSync(path)) return;
    moveAll(path);
    make();
  });
}

function hasLeft(path: string): boolean {
  return existsSync(`${path}-wal`) || existsSync(`${path}-shm`);
}

function moveAll(path: string): string {
  const to = freeName(path);
  for (const end of ends) {
    const from = `${path}${end}`;
    if (!existsSync(from)) continue;
    naming({ verb: "move", path: from }, () => renameSync(from, `${to}${end}`));
  }
  return to;
}

/** Nothing is overwritten. */
function freeName(path: string): string {
  for (let number = 1; ; number++) {
    const name = `${path}.aside-${number}`;
    if (ends.every((end) => !existsSync(`${name}${end}`))) return name;
  }
}

async function alone<T>(path: string, patienceMs: number, work: () => T): Promise<T> {
  const file = `${path}.moving`;
  const until = performance.now() + patienceMs;
  for (;;) {
    using lock = await tryLock(file);
    if (lock !== undefined) {
      try {
        return work();
      } finally {
        rmSync(file, { force: true });
      }
    }
    if (performance.now() >= until) {
      throw new AppError(`${path} is being set aside by another process`, {
        exitCode: exitCodes.busy,
        hint: `fuser -v ${shellWord(file)}`,
      });
    }
    await Bun.sleep(pauseMs);
  }
}
