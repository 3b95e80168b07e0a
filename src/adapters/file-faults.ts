// Turns a fault of the file system into an error that names the path, the cause and what helps.
import { dirname } from "node:path";
import { shellWord } from "../domain/shell-word.ts";
import { AppError } from "../errors.ts";

/** The code of a system error, such as `ENOENT`; undefined for any other value. */
export function errnoCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !("code" in error)) return undefined;
  return typeof error.code === "string" && /^E[A-Z0-9]+$/.test(error.code) ? error.code : undefined;
}

/**
 * `cannot write /path: no space left on device`, with a command that shows more. What is no system error is our
 * bug and comes back as it is.
 */
export function fileFault(error: unknown, attempt: { verb: string; path: string }): unknown {
  const code = errnoCode(error);
  if (code === undefined || !(error instanceof Error)) return error;
  const { verb, path } = attempt;
  // Bun's and Node's form is `CODE: words, syscall 'path'`.
  const words = /^[A-Z0-9]+: (.+?)(?:, \w+|$)/.exec(error.message)?.[1] ?? code;
  const hint = hintFor(code, path);
  return new AppError(`cannot ${verb} ${path}: ${words}`, {
    cause: error,
    ...(hint === undefined ? {} : { hint }),
  });
}

/** Does the work, and throws what `fileFault` makes of a fault. */
export function naming<T>(attempt: { verb: string; path: string }, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw fileFault(error, attempt);
  }
}

/** For a folder that stands where a file of ours belongs: nothing of it is lost. */
export function asideHint(path: string): string {
  return `it is a folder; keep it under another name: mv ${shellWord(path)} ${shellWord(`${path}.aside`)}`;
}

function hintFor(code: string, path: string): string | undefined {
  const folder = dirname(path);
  if (code === "ENOSPC" || code === "EDQUOT") return `df -h ${folder}`;
  if (code === "EACCES" || code === "EPERM") return `ls -ld ${folder} ${path}`;
  if (code === "EROFS") return `findmnt -T ${folder}`;
  if (code === "EISDIR") return `it is a folder, where a file belongs: ls -ld ${shellWord(path)}`;
  return undefined;
}
