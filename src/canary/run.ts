// The built-in canary agent at a terminal: joins the pure parts (keys, conversation, view) to the terminal and the
// clock. It is to a fleet what a real agent is, so that one can be proven on any host before a token is spent.
import type { AgentReport } from "../domain/agent-report.ts";
import { signalExitCode } from "../domain/signal-exit.ts";
import type { Context, RawTerminal } from "../context.ts";
import { usageError } from "../errors.ts";
import {
  type Behaviour,
  type CanaryReport,
  type ConversationEvent,
  converse,
  type Effect,
  newConversation,
} from "./conversation.ts";
import { decodeInput, emptyInput, flushInput, isUndecided } from "./keys.ts";
import { clearScreen, closeScreen, draw, erase, openScreen, transcript } from "./view.ts";

export interface CanaryOptions {
  /** Length of the working spell before an answer. Default 50. */
  workMs?: number;
  /** Ask for permission before each answer; yes is the default choice, as in the real agents. */
  ask?: boolean;
  /** A file that is created each time the question is answered with yes. */
  witness?: string;
  /** End by itself after so many answers. */
  exitAfter?: number;
  /** Exit status of that end. Default 0. */
  exitCode?: number;
}

/** After this a lone ESC is the Escape key; tmux's own wait (escape-time 20) is shorter. */
const escapeTimeoutMs = 50;

/** Lines of the transcript that are drawn again after a resize. */
const keptLines = 200;

/** Runs until a person leaves it, a signal comes or the terminal goes away; the exit code. AppError exit 2 without a terminal. */
export async function runCanary(ctx: Context, options: CanaryOptions = {}): Promise<number> {
  if (!ctx.io.stdinIsTty) {
    throw usageError("the canary needs a terminal", "mosaic fleet init --profile demo --write");
  }
  const { promise: ended, resolve: end } = Promise.withResolvers<number>();
  using canary = openCanary(ctx, { options, end });
  canary.print([`mosaic canary ${ctx.host.version}: answers every prompt with what arrived`, ""]);
  void ctx.untilSignal().then((signal) => end(signalExitCode(signal)));
  return await ended;
}

interface CanaryParts {
  options: CanaryOptions;
  end: (exitCode: number) => void;
}

function openCanary(ctx: Context, { options, end }: CanaryParts) {
  const behaviour: Behaviour = {
    ask: options.ask ?? false,
    exitAfter: options.exitAfter,
    exitCode: options.exitCode ?? 0,
  };
  let state = newConversation;
  let input = emptyInput;
  let drawn = { rowsAbove: 0 };
  let session = "";
  let reports = Promise.resolve();
  let printed: string[] = [];
  let working = new AbortController();
  let waiting = new AbortController();
  const terminal: RawTerminal = ctx.io.rawTerminal({
    onData,
    onResize: redraw,
    onEnd: () => end(0),
  });
  ctx.io.out(openScreen);
  report({ kind: "session-started" });

  function onData(chunk: Uint8Array): void {
    waiting.abort();
    const decoded = decodeInput(input, chunk);
    input = decoded.state;
    take(decoded.events);
    if (isUndecided(input)) void flushLater();
  }

  async function flushLater(): Promise<void> {
    waiting = new AbortController();
    if (!(await passed(ctx, escapeTimeoutMs, waiting.signal))) return;
    const flushed = flushInput(input);
    input = flushed.state;
    take(flushed.events);
  }

  function take(events: readonly ConversationEvent[]): void {
    if (events.length === 0) return;
    const lines: string[] = [];
    for (const event of events) {
      const turn = converse(state, event, behaviour);
      state = turn.state;
      for (const effect of turn.effects) perform(effect, lines);
    }
    print(lines);
  }

  function perform(effect: Effect, lines: string[]): void {
    if (effect.kind === "print") lines.push(...effect.lines);
    if (effect.kind === "work") void work();
    if (effect.kind === "stop-work") working.abort();
    if (effect.kind === "approved") void witness();
    if (effect.kind === "report") report(effect.report);
    if (effect.kind === "redraw") redraw();
    if (effect.kind === "exit") end(effect.exitCode);
  }

  function report(said: CanaryReport): void {
    if (said.kind === "session-started") session = ctx.randomHex(8);
    reports = tell(ctx, { ...said, session }, reports);
  }

  async function work(): Promise<void> {
    working = new AbortController();
    if (await passed(ctx, options.workMs ?? 50, working.signal)) take([{ kind: "worked" }]);
  }

  async function witness(): Promise<void> {
    if (options.witness !== undefined) await ctx.files.write(options.witness, "approved\n", 0o600);
  }

  function print(lines: readonly string[]): void {
    printed = [...printed, ...lines].slice(-keptLines);
    paint(erase(drawn) + transcript(lines));
  }

  function redraw(): void {
    paint(clearScreen + transcript(printed.slice(-terminal.size().rows)));
  }

  function paint(before: string): void {
    const next = draw(state, terminal.size());
    drawn = next;
    ctx.io.out(before + next.text);
  }

  return {
    print,
    [Symbol.dispose]: () => {
      working.abort();
      waiting.abort();
      ctx.io.out(erase(drawn) + closeScreen);
      terminal[Symbol.dispose]();
    },
  };
}

/** One after the other, as they happened. Reporting can never break the agent. */
async function tell(ctx: Context, report: AgentReport, before: Promise<void>): Promise<void> {
  await before;
  // Set for an agent that is a canary: one that somebody runs inside another agent is not that agent.
  if (ctx.env["CANARY_REPORTS"] !== "1") return;
  const argv = [...ctx.paths.self, "hook", "run", report.kind];
  await ctx.exec(argv, { stdin: JSON.stringify(report), timeoutMs: 10_000 });
}

/** False when it was aborted before the time had passed. */
async function passed(ctx: Context, ms: number, signal: AbortSignal): Promise<boolean> {
  await ctx.clock.sleep(ms, signal);
  return !signal.aborted;
}
