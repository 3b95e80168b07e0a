// Delivers one message to one agent through agent-send.sh, and says what became of it. One way of delivery so far,
// typing into the pane; a queue, receipts and other channels will stand between sendCommand and sendMessage.
import type { Context, ExecResult } from "../context.ts";
import { toolFiles } from "../domain/names.ts";
import type { Roster } from "../domain/roster.ts";
import { oneLine } from "../domain/terminal-text.ts";
import { AppError, exitCodes, usageError } from "../errors.ts";
import { loadRoster, pickAgents } from "./load-roster.ts";

/**
 * submitted: seen in the composer and seen to leave it · not-running: no live pane · refused: nothing was typed ·
 * unproven: typed, but not proven submitted · unseen: typed, but never seen · busy: another sender holds the pane ·
 * failed: the delivery itself broke.
 */
export type SendResult =
  | "submitted"
  | "not-running"
  | "refused"
  | "unproven"
  | "unseen"
  | "busy"
  | "failed";

export interface SendReport {
  /** Of the message; the agent sees it in the header line. */
  id: string;
  result: SendResult;
  /** Why it was not submitted, in one line; empty otherwise. */
  reason: string;
  tookMs: number;
}

export interface Message {
  roster: Pick<Roster, "socket">;
  agent: string;
  text: string;
  /** Who it is from, such as `host:operator`. */
  label: string;
}

/** Hex digits of a message id. */
const idDigits = 10;

/** As agent-send.sh takes it. */
const maxLabelBytes = 200;

/** Longer than all waits of send-message.sh together (five of 10 s at most): it ends by itself before. */
const deliveryTimeoutMs = 90_000;

/** Exit codes of agent-send.sh; every other one is a fault of the delivery itself. */
const results: Partial<Record<number, SendResult>> = {
  0: "submitted",
  3: "not-running",
  4: "refused",
  5: "unproven",
  6: "unseen",
  75: "busy",
};

/**
 * Tries once and reports; never throws for what the agent or its pane does. The tools must be extracted. The agent
 * must be one of the roster.
 */
export async function sendMessage(ctx: Context, message: Message): Promise<SendReport> {
  const { roster, agent, text, label } = message;
  const id = ctx.randomHex(idDigits);
  const startedAt = ctx.clock.now();
  const { agentSend } = toolFiles(ctx.paths);
  // The label is always passed: the script must not take the fleet's server for the place where we are.
  const argv = ["sh", agentSend, "-L", roster.socket, "-S", label, "-i", id, "--to", agent];
  const done = await ctx.exec(argv, { stdin: text, timeoutMs: deliveryTimeoutMs });
  return { id, ...judge(done), tookMs: ctx.clock.now() - startedAt };
}

function judge(done: ExecResult): Pick<SendReport, "result" | "reason"> {
  // Killed in the middle: it may have typed.
  if (done.timedOut) return { result: "unproven", reason: "the delivery did not end in time" };
  if (done.signal !== null) {
    return { result: "unproven", reason: `the delivery was killed by ${done.signal}` };
  }
  const result = results[done.exitCode ?? -1] ?? "failed";
  if (result === "submitted") return { result, reason: "" };
  const words = oneLine(done.stderr.trim().split("\n").at(-1) ?? "");
  const reason = words.replace(/^(send-message|agent-send): /, "");
  return { result, reason: reason === "" ? `exit ${done.exitCode}` : reason };
}

export interface SendOptions {
  agent: string;
  message?: string | undefined;
  /** A file to read the message from; `-` is standard input. */
  file?: string | undefined;
  label?: string | undefined;
  json: boolean;
}

/**
 * `mosaic agent send`: prints what became of the message and returns 0 only when it was submitted. Throws AppError:
 * exit 2 for wrong usage or an empty message, 3 not running, 4 refused, 75 busy, 1 when it is not proven.
 */
export async function sendCommand(ctx: Context, options: SendOptions): Promise<number> {
  const { agent, json } = options;
  const text = await readMessage(ctx, options);
  const label = readLabel(ctx, options);
  const roster = await loadRoster(ctx);
  pickAgents(roster, [agent]);
  const { ensureFramework } = await import("./framework.ts");
  await ensureFramework(ctx);
  const report = await sendMessage(ctx, { roster, agent, text, label });
  if (json) ctx.io.out(`${JSON.stringify({ schemaVersion: 1, agent, label, ...report })}\n`);
  if (report.result !== "submitted") throw notSubmitted(agent, report);
  if (!json) ctx.io.out(`${agent}: submitted ${report.id} in ${report.tookMs} ms\n`);
  return exitCodes.ok;
}

async function readMessage(ctx: Context, { agent, message, file }: SendOptions): Promise<string> {
  const help = `mosaic agent send ${agent} --message "status check"`;
  if (message !== undefined && file !== undefined) {
    throw usageError("--message and --file exclude each other", help);
  }
  const text = message ?? (await readInput(ctx, { file, help }));
  if (text.trim() === "") throw usageError("the message is empty", help);
  return text;
}

async function readInput(
  ctx: Context,
  { file, help }: { file: string | undefined; help: string },
): Promise<string> {
  if (file !== undefined && file !== "-") {
    const text = await ctx.files.readText(file);
    if (text === undefined) throw usageError(`there is no file ${file}`, help);
    return text;
  }
  if (file === undefined && ctx.io.stdinIsTty) throw usageError("there is no message", help);
  return await ctx.io.readStdin();
}

function readLabel(ctx: Context, { agent, label }: SendOptions): string {
  if (label === undefined) return `${ctx.host.name}:operator`;
  const clean = oneLine(label).replaceAll(/[[\]]/g, "").trim();
  if (clean === "" || new TextEncoder().encode(clean).length > maxLabelBytes) {
    throw usageError(
      `not a source label of 1 to ${maxLabelBytes} bytes: ${JSON.stringify(clean.slice(0, 40))}`,
      `mosaic agent send ${agent} --source-label ops:night --message "status check"`,
    );
  }
  return clean;
}

/** How each failure is told: the start of the message, the exit code, and what helps. */
function notSubmitted(agent: string, { id, result, reason }: SendReport): AppError {
  const told = {
    "not-running": {
      what: `cannot send to ${agent}`,
      exitCode: exitCodes.notRunning,
      hint: `mosaic fleet start ${agent}\nmosaic agent why ${agent}`,
    },
    refused: {
      what: `refused to type into ${agent}`,
      exitCode: exitCodes.refused,
      hint: `mosaic agent attach ${agent}`,
    },
    busy: {
      what: `cannot send to ${agent} now`,
      exitCode: exitCodes.busy,
      hint: "try again in a moment",
    },
    unproven: unproven(agent, id),
    unseen: unproven(agent, id),
    failed: {
      what: `cannot send to ${agent}`,
      exitCode: exitCodes.failed,
      hint: "mosaic doctor",
    },
  }[result === "submitted" ? "failed" : result];
  return new AppError(`${told.what}: ${reason}`, { exitCode: told.exitCode, hint: told.hint });
}

/** It may have arrived: sent again it could arrive twice. */
function unproven(agent: string, id: string) {
  return {
    what: `message ${id} was typed into ${agent} but is not proven to be submitted`,
    exitCode: exitCodes.failed,
    hint: `look before you send it again: mosaic agent tail ${agent} -n 20`,
  };
}
