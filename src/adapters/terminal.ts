// Standard input, output and error. Written with plain write(2): process.stdout costs 8 ms of start-up on a pipe and
// may lose its end at exit. No consola: what we print is lines, and it would load on every path.
import { fstatSync, statSync, writeSync } from "node:fs";
import type { Io } from "../context.ts";
import { oneLine, truncate } from "../domain/terminal-text.ts";
import { errnoCode, naming } from "./file-faults.ts";
import { openRawTerminal } from "./raw-terminal.ts";

const defaultColumns = 80;

/** How long to wait before a full pipe that somebody made non-blocking is tried again. */
const fullPipePauseMs = 2;

/** Carriage return and "erase line" (ECMA-48 EL 2). */
const eraseLine = "\r\u001b[2K";

/**
 * The real terminal. `out` throws the plain EPIPE error when its reader went away, which main.ts knows, and
 * AppError for other faults; `err` never throws.
 */
export function createIo(env: Readonly<Record<string, string | undefined>>): Io {
  let hasProgress = false;
  const eraseProgress = () => {
    if (hasProgress) writeError(eraseLine);
    hasProgress = false;
  };
  return {
    out(text) {
      eraseProgress();
      writeData(text);
    },
    err(text) {
      eraseProgress();
      writeError(text);
    },
    get stdinIsTty() {
      return isTty(0);
    },
    get stdoutIsTty() {
      return isTty(1);
    },
    get stderrIsTty() {
      return isTty(2);
    },
    get columns() {
      return columnsOf();
    },
    get color() {
      return !isSet(env["NO_COLOR"]) && env["TERM"] !== "dumb" && isTty(1);
    },
    progress(text) {
      if (!isTty(2)) return;
      eraseProgress();
      if (text === "") return;
      // One column less than there are: a line that wraps could not be erased again.
      writeError(truncate(oneLine(text), columnsOf() - 1));
      hasProgress = true;
    },
    readStdin: () => Bun.stdin.text(),
    readStdinBytes: () => Bun.stdin.bytes(),
    async confirm(question) {
      eraseProgress();
      writeError(`${question} [y/N] `);
      return /^y(es)?$/i.test((await readAnswer()).trim());
    },
    rawTerminal: (handlers) => openRawTerminal(handlers),
  };
}

/** https://no-color.org: set and not empty. */
function isSet(value: string | undefined): boolean {
  return value !== undefined && value !== "";
}

function isTty(fd: 0 | 1 | 2): boolean {
  try {
    // node:tty takes 2 ms to load, which a pipe, a file and /dev/null need not pay.
    const stat = fstatSync(fd);
    if (!stat.isCharacterDevice() || stat.rdev === statSync("/dev/null").rdev) return false;
  } catch (error) {
    // A closed one is EBADF; a machine without /dev/null has no terminal of ours either.
    if (errnoCode(error) === undefined) throw error;
    return false;
  }
  const tty: typeof import("node:tty") = require("node:tty");
  return tty.isatty(fd);
}

/** Of the terminal that standard output is, or else standard error. */
function columnsOf(): number {
  if (isTty(1)) return process.stdout.columns || defaultColumns;
  if (isTty(2)) return process.stderr.columns || defaultColumns;
  return defaultColumns;
}

function writeData(text: string): void {
  try {
    writeAll(1, text);
  } catch (error) {
    if (errnoCode(error) === "EPIPE") throw error;
    naming({ verb: "write to", path: "standard output" }, () => {
      throw error;
    });
  }
}

function writeError(text: string): void {
  try {
    writeAll(2, text);
  } catch (error) {
    // Closed or full: there is no other place where this could be said.
    if (errnoCode(error) === undefined) throw error;
  }
}

function writeAll(fd: number, text: string): void {
  const bytes = Buffer.from(text);
  let offset = 0;
  while (offset < bytes.length) {
    try {
      offset += writeSync(fd, bytes, offset);
    } catch (error) {
      if (errnoCode(error) !== "EAGAIN") throw error;
      Bun.sleepSync(fullPipePauseMs);
    }
  }
}

/** One line of standard input; empty at its end. */
async function readAnswer(): Promise<string> {
  const { createInterface } = await import("node:readline");
  const lines = createInterface({ input: process.stdin, terminal: false });
  const { promise, resolve } = Promise.withResolvers<string>();
  lines.once("line", resolve);
  lines.once("close", () => resolve(""));
  const answer = await promise;
  lines.close();
  process.stdin.unref();
  return answer;
}
