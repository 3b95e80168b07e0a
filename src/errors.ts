// Every error a user can act on, and the one table of exit codes. Only main.ts prints them and exits.

/** Exit codes of `mosaic`, as documented in README and `mosaic --help`. */
export const exitCodes = {
  ok: 0,
  /** The work was tried and failed. */
  failed: 1,
  /** Wrong usage, or an input that is missing or invalid. */
  usage: 2,
  /** Not running, or degraded (the code systemctl uses for "not active"). */
  notRunning: 3,
  /** Refused for safety: nothing was done. */
  refused: 4,
  /** A message was typed, but what was asked for is not proven: it may have arrived. */
  unproven: 5,
  /** A message waits in the queue of its agent. */
  queued: 6,
  /** Our bug. */
  bug: 70,
  /** Somebody else is doing it: try again (EX_TEMPFAIL of sysexits.h). */
  busy: 75,
  /** Configuration or login of an agent: restarting cannot help (EX_CONFIG of sysexits.h). */
  config: 78,
  /** Ended by Ctrl-C. */
  interrupted: 130,
} as const;

export interface AppErrorOptions {
  exitCode?: number;
  /** A command or a path that helps; may have several lines. */
  hint?: string;
  cause?: unknown;
}

/** Something the user can act on. The message is lower case, has no full stop, and names the thing and the reason. */
export class AppError extends Error {
  override readonly name: string = "AppError";
  readonly exitCode: number;
  readonly hint: string | undefined;

  constructor(message: string, options: AppErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.exitCode = options.exitCode ?? exitCodes.failed;
    this.hint = options.hint;
  }
}

/** Wrong usage of the command line or a bad input: exit code 2. */
export function usageError(message: string, hint?: string): AppError {
  return new AppError(message, {
    exitCode: exitCodes.usage,
    ...(hint === undefined ? {} : { hint }),
  });
}

export interface FailedProcess {
  argv: readonly string[];
  exitCode: number | null;
  signal: string | null;
  timedOut: boolean;
  stderr: string;
}

/** A child process that failed: why (timeout, signal, exit code), then its argv, then its last words. */
export class ProcessError extends AppError {
  override readonly name = "ProcessError";

  constructor(failed: FailedProcess, options: AppErrorOptions = {}) {
    super(`${describeEnd(failed)}: ${failed.argv.join(" ")}${lastWords(failed.stderr)}`, options);
  }
}

function describeEnd(failed: FailedProcess): string {
  if (failed.timedOut) return "timed out";
  if (failed.signal !== null) return `killed by ${failed.signal}`;
  return `exit ${failed.exitCode ?? "unknown"}`;
}

function lastWords(stderr: string): string {
  const lines = stderr.trimEnd().split("\n").slice(-3).join("; ");
  return lines === "" ? "" : `: ${lines}`;
}

/** What main prints on stderr for a user's mistake: `mosaic: …` and, where there is one, `hint: …` lines. */
export function formatError(error: AppError): string {
  const hints = (error.hint ?? "").split("\n").filter((line) => line !== "");
  return [`mosaic: ${error.message}`, ...hints.map((line) => `  hint: ${line}`)].join("\n") + "\n";
}
