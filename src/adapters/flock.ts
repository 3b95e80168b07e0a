// flock(2) through bun:ffi, which Bun has no call for. Loaded at the first lock only; the kernel releases the lock
// when we die, and no child inherits it, because Bun opens files close-on-exec (measured: research/bun.md A3).
import { closeSync, constants, fstatSync, mkdirSync, openSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { AppError } from "../errors.ts";
import { errnoCode, naming } from "./file-faults.ts";
import { loadLibc } from "./libc.ts";

// sys/file.h; the same on Linux and macOS.
/** LOCK_EX | LOCK_NB */
export const lockExclusiveNow = 2 | 4;
const unlock = 8;

// errno(3).
const interrupted = 4;
const wouldBlock = { linux: 11, darwin: 35 };

const platform = process.platform === "darwin" ? "darwin" : "linux";

/** How often a lock file may be replaced under us before we give up. */
const maxReplacements = 10;

/**
 * Takes the exclusive lock on a file, made 0600 where it is missing. undefined when somebody holds it, ourselves
 * included. Throws AppError when the file cannot be opened or this machine has no flock.
 */
export async function tryLock(path: string): Promise<Disposable | undefined> {
  const flock = await loadFlock();
  if (flock === undefined) {
    throw new AppError("cannot lock files: this machine's C library was not found");
  }
  for (let attempt = 0; attempt < maxReplacements; attempt++) {
    const fd = naming({ verb: "lock", path }, () => openLockFile(path));
    const result = flock(fd, lockExclusiveNow);
    if (result !== "taken") {
      closeSync(fd);
      if (result === "held") return undefined;
      throw flockFault(path, result);
    }
    // Somebody may have removed or replaced the file between open and flock: then we locked what nobody sees.
    if (isStillAt(path, fd)) return { [Symbol.dispose]: once(() => unlockAndClose(fd, flock)) };
    closeSync(fd);
  }
  throw new AppError(`cannot lock ${path}: the file is replaced again and again`);
}

function openLockFile(path: string): number {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  return openSync(path, constants.O_RDWR | constants.O_CREAT, 0o600);
}

/** The error for a flock that failed otherwise than by being held. */
export function flockFault(path: string, { errno }: { errno: number }): AppError {
  return new AppError(`cannot lock ${path}: flock failed with errno ${errno}`);
}

function isStillAt(path: string, fd: number): boolean {
  try {
    const [now, ours] = [statSync(path), fstatSync(fd)];
    return now.ino === ours.ino && now.dev === ours.dev;
  } catch (error) {
    if (errnoCode(error) === "ENOENT") return false;
    throw error;
  }
}

/**
 * Unlocks, then closes: a child that is just being started still shares the file for a moment, between vfork and
 * close-on-exec, and with a plain close it would hold the lock for as long.
 */
export function unlockAndClose(fd: number, flock: Flock): void {
  flock(fd, unlock);
  closeSync(fd);
}

/** A second dispose must not close a file number that is somebody else's by then. */
export function once(work: () => void): () => void {
  let isDone = false;
  return () => {
    if (!isDone) work();
    isDone = true;
  };
}

/** flock(2) on a file number. */
export type Flock = (fd: number, operation: number) => "taken" | "held" | { errno: number };

let loaded: Promise<Flock | undefined> | undefined;

/** The call; undefined where the C library is not found. */
export function loadFlock(): Promise<Flock | undefined> {
  loaded ??= load();
  return loaded;
}

async function load(): Promise<Flock | undefined> {
  const [libc, errno, { read }] = await Promise.all([
    loadLibc({ flock: { args: ["i32", "i32"], returns: "i32" } }),
    loadErrno(),
    import("bun:ffi"),
  ]);
  if (libc === undefined || errno === undefined) return undefined;
  return (fd, operation) => {
    for (;;) {
      if (libc.flock(fd, operation) === 0) return "taken";
      const address = errno();
      const number = address === null ? 0 : read.i32(address, 0);
      if (number === wouldBlock[platform]) return "held";
      if (number !== interrupted) return { errno: number };
    }
  };
}

/** The function that gives the address of this thread's errno. */
async function loadErrno() {
  const signature = { args: [], returns: "ptr" } as const;
  if (platform === "linux") {
    const { __errno_location: address } = (await loadLibc({ __errno_location: signature })) ?? {};
    return address;
  }
  const { __error: address } = (await loadLibc({ __error: signature })) ?? {};
  return address;
}
