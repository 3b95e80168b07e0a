// Replaces a file that others write too, only as long as it is what we think it is. The two names change places in one step
// (renameat2(2), RENAME_EXCHANGE), and who did it looks at what it got: what somebody wrote between our look and the
// exchange is put back at once, so that it is never lost.
import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname } from "node:path";
import type { FileSwap, SwappedFile } from "../context.ts";
import { errnoCode, naming } from "./file-faults.ts";
import { followLink } from "./follow-link.ts";
import { loadLibc } from "./libc.ts";
import { randomHex } from "./random.ts";

/** linux/fs.h and fcntl.h. */
const renameExchange = 2;
const currentFolder = -100;

/** fcntl.h: a read lease is given on a file that nobody has open for writing (fcntl(2), F_SETLEASE). */
const setLease = 1024;
const readLease = 0;
const noLease = 2;

/**
 * undefined when the file is not as expected; nothing has changed then. A link at the path is followed, and a mode that is
 * there already is kept. Throws AppError when the file cannot be written.
 */
export async function swapFile(
  path: string,
  { expected, data, mode, isSynced }: FileSwap,
): Promise<SwappedFile | undefined> {
  const { exchange, hasNoWriter } = await loadCalls();
  return naming({ verb: "write", path }, () => {
    const target = followLink(path);
    mkdirSync(dirname(target), { recursive: true, mode: 0o700 });
    const temp = `${dirname(target)}/.mosaic-${randomHex(12)}.tmp`;
    let old: (() => string | undefined) | undefined;
    let canTell = false;
    const isOpen = () => (canTell && existsSync(temp) ? hasNoWriter?.(temp) !== true : undefined);
    const undo = (): void => {
      const isWritten = isOpen() === true || (existsSync(temp) && old?.() !== expected);
      if (isWritten && readIfThere(target) === data) exchange?.(temp, target);
      rmSync(temp, { force: true });
    };
    // Before the exchange: a signal that comes in between waits until all of this is done.
    const noSignal = beforeDeath(undo);
    try {
      const there = statSync(target, { throwIfNoEntry: false });
      const kept = there === undefined ? mode : there.mode & 0o7777;
      writeNew(temp, { data, mode: kept, isSynced });
      // Of a file that is ours alone: a file system without leases refuses it there too.
      canTell = hasNoWriter?.(temp) === true;
      old = putInPlace({ temp, target, exchange, expected, data });
    } finally {
      if (old === undefined) {
        noSignal();
        rmSync(temp, { force: true });
      }
    }
    if (old === undefined) return undefined;
    const text = old;
    return {
      text,
      hasWriter: isOpen,
      [Symbol.dispose]() {
        noSignal();
        rmSync(temp, { force: true });
      },
    };
  });
}

const endings = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/**
 * Until the result is called, a signal that would end us does the work first: the old file, into which somebody may be writing,
 * would stay behind under a name that nobody knows. Where others listen, we are not ended.
 */
function beforeDeath(work: () => void): () => void {
  const unheard = endings.filter((name) => process.listenerCount(name) === 0);
  const end = (signal: NodeJS.Signals): void => {
    stop();
    work();
    process.kill(process.pid, signal);
  };
  const stop = (): void => unheard.forEach((name) => process.off(name, end));
  for (const name of unheard) process.on(name, end);
  return stop;
}

function writeNew(path: string, { data, mode, isSynced }: Omit<FileSwap, "expected">): void {
  const fd = openSync(path, "wx", mode);
  try {
    writeFileSync(fd, data);
    if (isSynced) fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

type Exchange = (from: string, to: string) => boolean;

export interface Placing {
  /** What is to stand there, and what stands there. */
  temp: string;
  target: string;
  /** Lets two names change places; false where the file system cannot. */
  exchange: Exchange | undefined;
  expected: string | undefined;
  data: string;
}

/** Returns what reads the file that stood there; undefined when that is not the expected one, which then stands there. */
export function putInPlace(placing: Placing): (() => string | undefined) | undefined {
  const { temp, target, exchange, expected, data } = placing;
  if (expected === undefined) return putAnew(placing);
  if (readIfThere(target) !== expected) return undefined;
  if (exchange === undefined || !exchange(temp, target)) {
    // A file system or a system without an exchange: what is lost is what was written in these microseconds.
    renameSync(temp, target);
    return () => expected;
  }
  const found = readFileSync(temp, "utf8");
  if (found === expected) return () => readFileSync(temp, "utf8");
  exchange(temp, target);
  // Between the two somebody else has put theirs in the place of ours: it is the newest, and stays.
  if (readFileSync(temp, "utf8") !== data) exchange(temp, target);
  return undefined;
}

/** Where nothing stands: a link fails when somebody was faster. */
function putAnew({ temp, target }: Placing): (() => undefined) | undefined {
  try {
    linkSync(temp, target);
    rmSync(temp, { force: true });
    return () => undefined;
  } catch (error) {
    // Of a link into no folder, which would be in our way for ever.
    if (errnoCode(error) === "EEXIST" && isLink(target)) statSync(target);
    if (errnoCode(error) === "EEXIST") return undefined;
    // A file system without links.
    if (errnoCode(error) === undefined || readIfThere(target) !== undefined) throw error;
    renameSync(temp, target);
    return () => undefined;
  }
}

function isLink(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true;
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (errnoCode(error) === "ENOENT") return undefined;
    throw error;
  }
}

interface Calls {
  exchange?: Exchange;
  hasNoWriter?: (path: string) => boolean;
}

/** Empty where the C library has them not. */
async function loadCalls(): Promise<Calls> {
  const libc = await loadLibc({
    renameat2: { args: ["i32", "ptr", "i32", "ptr", "u32"], returns: "i32" },
    fcntl: { args: ["i32", "i32", "i32"], returns: "i32" },
  });
  if (libc === undefined) return {};
  return {
    exchange: (from, to) =>
      libc.renameat2(currentFolder, cString(from), currentFolder, cString(to), renameExchange) ===
      0,
    hasNoWriter(path) {
      const fd = openSync(path, "r");
      try {
        return libc.fcntl(fd, setLease, readLease) === 0 && libc.fcntl(fd, setLease, noLease) === 0;
      } finally {
        closeSync(fd);
      }
    },
  };
}

function cString(text: string): Buffer {
  return Buffer.from(`${text}\0`);
}
