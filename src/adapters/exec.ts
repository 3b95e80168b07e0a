// Runs programs: argv only, never a shell string. Thin over Bun.spawn, because zx needs a shell, which is a second
// execve and 10 ms to import (research/bun.md A7). What cannot be started becomes an exit code, as in a shell.
import { existsSync } from "node:fs";
import type { ExecOptions, ExecResult } from "../context.ts";
import { behindGate, gateStdio, passGate } from "./gate.ts";

/** The exit code of a program that was not found (POSIX sh). */
export const exitNotFound = 127;

/** The exit code of a program that was found but could not be started (POSIX sh). */
const exitNotStarted = 126;

const defaultTimeoutMs = 30_000;

/** How long output may still arrive after the end: a grandchild that holds the pipe must not hold us. */
const drainMs = 200;

/**
 * Runs a program to its end and returns what it said. At the timeout the program itself gets SIGKILL, its
 * children do not. Rejects as the gate does, and for our own bugs: an empty argv, or a NUL in an argument.
 */
export async function exec(
  argv: readonly string[],
  options: ExecOptions = {},
): Promise<ExecResult> {
  const started = start(argv, options);
  if ("failure" in started) return started.failure;
  const { child } = started;
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    child.kill("SIGKILL");
  }, options.timeoutMs ?? defaultTimeoutMs);
  const stdout = collect(child.stdout);
  const stderr = collect(child.stderr);
  const passed = options.gate === undefined ? undefined : passGate(child, options.gate);
  await Promise.all([passed, child.exited]).finally(() => clearTimeout(timer));
  await within(drainMs, Promise.all([stdout.ended, stderr.ended]));
  return { ...endOf(child), stdout: stdout.stop(), stderr: stderr.stop(), timedOut };
}

/** How a child ended: an exit code or a signal, never both. Call it after `exited`. */
export function endOf(child: Bun.Subprocess): { exitCode: number | null; signal: string | null } {
  // Bun gives a real-time signal, which has no name, as a number.
  const signal = child.signalCode === null ? null : String(child.signalCode);
  if (signal === null) return { exitCode: child.exitCode, signal };
  return { exitCode: null, signal: /^\d+$/.test(signal) ? `SIG${signal}` : signal };
}

/**
 * Why a program could not be started, as the exit code and the line that a shell would give. Rethrows what is no
 * fault of the machine.
 */
export function startFailure(
  error: unknown,
  attempt: { program: string; cwd: string | undefined },
): { exitCode: number; reason: string } {
  if (!(error instanceof Error) || !("code" in error) || typeof error.code !== "string")
    throw error;
  if (!/^E[A-Z0-9]+$/.test(error.code)) throw error;
  if (error.code === "ENOENT") {
    // posix_spawn says the same for a missing program and for a missing folder.
    if (attempt.cwd !== undefined && !existsSync(attempt.cwd)) {
      const reason = `${attempt.program}: cannot enter ${attempt.cwd}: no such folder`;
      return { exitCode: exitNotStarted, reason };
    }
    return { exitCode: exitNotFound, reason: `${attempt.program}: not found` };
  }
  const words = /^[A-Z0-9]+: (.+?), /.exec(error.message)?.[1] ?? error.code;
  return { exitCode: exitNotStarted, reason: `${attempt.program}: ${words}` };
}

/** Waits for the promise, but not longer than this; never rejects for being late. */
export async function within(ms: number, promise: Promise<unknown>): Promise<void> {
  const { promise: late, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  await Promise.race([promise, late]);
  clearTimeout(timer);
}

type Started =
  | { child: Bun.Subprocess<"ignore" | Uint8Array, "pipe", "pipe"> }
  | { failure: ExecResult };

function start(argv: readonly string[], options: ExecOptions): Started {
  const stdin =
    typeof options.stdin === "string" ? new TextEncoder().encode(options.stdin) : options.stdin;
  const isGated = options.gate !== undefined;
  try {
    const child = Bun.spawn(isGated ? behindGate(argv) : [...argv], {
      stdio: [stdin ?? "ignore", "pipe", "pipe", ...(isGated ? [gateStdio] : [])],
      detached: isGated || options.isDetached === true,
      env: options.env ?? childEnv(process.env),
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    });
    return { child };
  } catch (error) {
    const { exitCode, reason } = startFailure(error, { program: argv[0] ?? "", cwd: options.cwd });
    const result = { exitCode, signal: null, stdout: "", stderr: `${reason}\n`, timedOut: false };
    return { failure: result };
  }
}

function collect(stream: ReadableStream<Uint8Array>) {
  const chunks: Uint8Array[] = [];
  const reader = stream.getReader();
  const readAll = async (): Promise<void> => {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      chunks.push(value);
    }
  };
  return {
    ended: readAll(),
    stop(): string {
      void reader.cancel();
      return Buffer.concat(chunks).toString("utf8");
    },
  };
}

/**
 * The environment for a child: ours without what would make a Bun or Node program below us load code or open a
 * debugger (`BUN_OPTIONS`, `BUN_BE_BUN`, `BUN_INSPECT*`, `NODE_OPTIONS`; bun-types/docs/bundler/executables.mdx).
 */
export function childEnv(
  env: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const [name, value] of Object.entries(env)) {
    if (value !== undefined && !isInjection(name)) kept[name] = value;
  }
  return kept;
}

function isInjection(name: string): boolean {
  if (name === "NODE_OPTIONS") return true;
  return name.startsWith("BUN_") && !name.startsWith("BUN_INSTALL");
}
