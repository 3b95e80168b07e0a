// Children that live beside us (the builtin supervisor's), children that outlive us, and programs on our terminal.
import { closeSync, mkdirSync, openSync } from "node:fs";
import { dirname } from "node:path";
import type { Child, SpawnOptions } from "../context.ts";
import { AppError } from "../errors.ts";
import { childEnv, endOf, exitNotFound, startFailure, within } from "./exec.ts";
import { fileFault } from "./file-faults.ts";
import { behindGate, gateStdio, passGate } from "./gate.ts";

/** How long lines may still arrive after the child's end, when a grandchild holds its output. */
const drainMs = 200;

/**
 * Starts a program and returns at once. All its lines are told before `exited` resolves. Throws AppError when it
 * cannot be started, with the exit code that a shell would give.
 */
export function spawn(argv: readonly string[], options: SpawnOptions): Child {
  return options.detachedLog === undefined
    ? attached(argv, options)
    : detached(argv, { ...options, detachedLog: options.detachedLog });
}

/**
 * Runs a program on our terminal and returns its exit code: 128 + the signal's number when one ended it, 127 when
 * the program was not found. Ctrl-C is the program's while it runs.
 */
export async function runInteractive(argv: readonly string[]): Promise<number> {
  process.on("SIGINT", ignore);
  process.on("SIGQUIT", ignore);
  try {
    const child = Bun.spawn([...argv], {
      stdio: ["inherit", "inherit", "inherit"],
      env: childEnv(process.env),
    });
    // Bun resolves `exited` with 128 + the signal's number, as a shell does.
    return await child.exited;
  } catch (error) {
    const failure = startFailure(error, { program: argv[0] ?? "", cwd: undefined });
    if (failure.exitCode === exitNotFound) return exitNotFound;
    throw new AppError(`cannot start ${failure.reason}`, { cause: error });
  } finally {
    process.off("SIGINT", ignore);
    process.off("SIGQUIT", ignore);
  }
}

function attached(argv: readonly string[], options: SpawnOptions): Child {
  const { onLine, terminal } = options;
  // A session of its own: a Ctrl-C in our terminal is for us alone, who then end the child in order.
  const own = { ...options, detached: true };
  if (terminal !== undefined) {
    const output = terminal === "stderr" ? 2 : "inherit";
    return toChild(start(argv, own, ["inherit", output, "inherit"]), options);
  }
  if (onLine === undefined) {
    return toChild(start(argv, own, ["ignore", "ignore", "ignore"]), options);
  }
  const child = start(argv, own, ["ignore", "pipe", "pipe"]);
  const streams = [child.stdout, child.stderr].filter((stream) => stream instanceof ReadableStream);
  const told = Promise.all(streams.map((stream) => tellLines(stream, onLine)));
  return toChild(child, options, told);
}

function detached(argv: readonly string[], options: SpawnOptions & { detachedLog: string }): Child {
  const log = openLog(options.detachedLog);
  try {
    const child = start(argv, { ...options, detached: true }, ["ignore", log, log]);
    child.unref();
    return toChild(child, options);
  } finally {
    closeSync(log);
  }
}

function openLog(path: string): number {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    return openSync(path, "a", 0o600);
  } catch (error) {
    throw fileFault(error, { verb: "open", path });
  }
}

/** A handler that does nothing keeps the signal from ending us. */
function ignore(): void {}

type Output = "ignore" | "pipe" | "inherit" | number;

function start(
  argv: readonly string[],
  options: SpawnOptions & { detached?: boolean },
  stdio: ["ignore" | "inherit", Output, Output],
): Bun.Subprocess {
  const isGated = options.gate !== undefined;
  try {
    return Bun.spawn(isGated ? behindGate(argv) : [...argv], {
      stdio: [...stdio, ...(isGated ? [gateStdio] : [])],
      env: options.env,
      detached: options.detached === true,
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    });
  } catch (error) {
    const { exitCode, reason } = startFailure(error, { program: argv[0] ?? "", cwd: options.cwd });
    throw new AppError(`cannot start ${reason}`, { exitCode, cause: error });
  }
}

function toChild(
  child: Bun.Subprocess,
  { gate }: SpawnOptions,
  told: Promise<unknown> = Promise.resolve(),
): Child {
  let refusal: { error: unknown } | undefined;
  if (gate !== undefined) {
    passGate(child, gate).catch((error: unknown) => (refusal = { error }));
  }
  // For the child alone: who ends one whose gate is not decided yet must not wait for that.
  const exited = child.exited.then(async () => {
    if (refusal !== undefined) throw refusal.error;
    await within(drainMs, told);
    return endOf(child);
  });
  return { pid: child.pid, exited, kill: (signal) => child.kill(signal) };
}

async function tellLines(
  stream: ReadableStream<Uint8Array>,
  onLine: (line: string) => void,
): Promise<void> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of stream) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) onLine(line);
  }
  if (rest !== "") onLine(rest);
}
