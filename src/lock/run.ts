// `mosaic lock run NAME -- CMD…`: runs a command while nobody else can have the lock.
import type { Child, Context } from "../context.ts";
import { lockNamePattern } from "../domain/lock-record.ts";
import { signalExitCode, shellStatus } from "../domain/signal-exit.ts";
import { AppError, exitCodes, usageError } from "../errors.ts";
import type { HeldLock } from "./held-lock.ts";
import { acquireLock } from "./restart-lock.ts";

export interface RunLockedOptions {
  name: string;
  argv: readonly string[];
  staleMs: number;
  maxWaitMs: number | undefined;
  timeoutMs: number | undefined;
  /** One document on standard output, and what the command prints on standard error. */
  json: boolean;
}

const leftPollMs = 50;

/** What a person may send to the command through us. */
const passedOn: readonly NodeJS.Signals[] = ["SIGQUIT", "SIGUSR1", "SIGUSR2"];

/** The command's own exit code, 128 + n when a signal ended it. Throws AppError: exit 75 when the lock is busy. */
export async function runLocked(ctx: Context, options: RunLockedOptions): Promise<number> {
  const { name, json } = options;
  checkLockName(name);
  const signals = listenForSignals(ctx);
  await using held = await acquire(ctx, { ...options, interrupted: signals.ended });
  tellTakeover(ctx, held);
  held.lost.addEventListener("abort", () => {
    ctx.io.err(`mosaic: the lock ${name} was lost before the command had ended\n`);
  });
  const beganAt = ctx.clock.monotonic();
  const child = ctx.spawn(options.argv, {
    env: { ...definedOnly(ctx.env), ...held.env },
    terminal: json ? "stderr" : "all",
    gate: held.gate,
  });
  signals.passTo(child);
  const end = await child.exited;
  await untilNothingRuns(ctx, held);
  const isLost = !(await held.check());
  const heldMs = ctx.clock.monotonic() - beganAt;
  await held.letGo();
  const ended = shellStatus(end);
  // A command that was ended in good order has not done its work all the same.
  const status = isLost && ended === exitCodes.ok ? exitCodes.busy : ended;
  if (json) {
    const { takeover, waitedMs } = held;
    const report = { name, exitCode: status, signal: end.signal, lost: isLost, takeover };
    const times = { waitedMs: Math.round(waitedMs), heldMs: Math.round(heldMs) };
    ctx.io.out(`${JSON.stringify({ schemaVersion: 1, ...report, ...times })}\n`);
  }
  return status;
}

/** What the command left in the background of its process group runs under the lock as well. */
async function untilNothingRuns(ctx: Context, held: HeldLock): Promise<void> {
  let isTold = false;
  for (;;) {
    const left = await held.commands();
    if (left.length === 0) return;
    if (!isTold) {
      ctx.io.err(
        `mosaic: the command has ended; waiting for what it left: pid ${left.join(", ")}\n`,
      );
    }
    isTold = true;
    await ctx.clock.sleep(leftPollMs);
  }
}

/** Throws AppError, exit 2, for what can be no lock's name. */
export function checkLockName(name: string): void {
  if (lockNamePattern.test(name)) return;
  throw usageError(
    `not a lock's name: ${JSON.stringify(name)}`,
    "small letters, digits and dashes, 40 at most, a letter first; an agent's lock has the agent's name",
  );
}

async function acquire(
  ctx: Context,
  options: RunLockedOptions & { interrupted: Promise<NodeJS.Signals> },
): Promise<HeldLock> {
  const { name, argv, staleMs, maxWaitMs, timeoutMs } = options;
  const stop = new AbortController();
  let signal: NodeJS.Signals | undefined;
  void options.interrupted.then((came) => {
    signal = came;
    stop.abort();
  });
  let held: HeldLock;
  try {
    held = await acquireLock(ctx, name, {
      // Not the arguments, which may hold what is nobody's business; `ps` shows them to whom it may.
      purpose: `lock run: ${argv[0]?.split("/").at(-1) ?? ""}`,
      staleMs,
      maxWaitMs,
      timeoutMs,
      signal: stop.signal,
      waiting: (why) => ctx.io.err(`mosaic: waiting for the lock ${name}: ${why}\n`),
    });
  } catch (error) {
    if (signal === undefined || !(error instanceof AppError)) throw error;
    if (error.exitCode !== exitCodes.interrupted) throw error;
    throw new AppError(error.message, { exitCode: signalExitCode(signal) });
  }
  if (signal === undefined) return held;
  // It came while the lock was being taken over, which goes on to its end: the command must not run all the same.
  await held.letGo();
  throw new AppError(`interrupted while taking the lock ${name}`, {
    exitCode: signalExitCode(signal),
  });
}

/** Until there is a command a signal ends the wait; from then on it is the command's. */
function listenForSignals(ctx: Context) {
  const ended = Promise.withResolvers<NodeJS.Signals>();
  let child: Child | undefined;
  const listen = async (): Promise<never> => {
    for (;;) {
      const signal = await ctx.untilSignal(passedOn);
      if (child === undefined) ended.resolve(signal);
      else passOn(ctx, child, signal);
    }
  };
  void listen();
  return { ended: ended.promise, passTo: (command: Child) => void (child = command) };
}

/** A command of another user (sudo) hears what its terminal sends, and not us. */
function passOn(ctx: Context, child: Child, signal: NodeJS.Signals): void {
  try {
    ctx.processes.signalGroup(child.pid, signal);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    ctx.io.err(`mosaic: ${error.message}\n`);
  }
}

function tellTakeover(ctx: Context, { name, takeover }: HeldLock): void {
  if (takeover === undefined) return;
  const { pid, reason } = takeover;
  const from = pid === undefined ? "an unreadable file" : `pid ${pid}`;
  const why = {
    dead: "which is dead",
    silent: "which did not touch it any more",
    "max-wait": "which held it for too long",
    unreadable: "left by a crash",
  }[reason];
  ctx.io.err(`mosaic: took the lock ${name} over from ${from}, ${why}\n`);
}

function definedOnly(
  env: Readonly<Record<string, string | undefined>>,
): Readonly<Record<string, string>> {
  const defined = Object.entries(env).filter((entry): entry is [string, string] => {
    return entry[1] !== undefined;
  });
  return Object.fromEntries(defined);
}
