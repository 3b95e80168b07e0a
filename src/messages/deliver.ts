// One try to bring one message to an agent: through its spool where that is up, else through agent-send.sh, which types it
// into the pane.
import type { Context, ExecResult } from "../context.ts";
import { hasSpool } from "../domain/launch.ts";
import { sealEnvelope } from "../domain/message.ts";
import { toolFiles } from "../domain/names.ts";
import type { Receipt } from "../domain/receipt.ts";
import type { Agent } from "../domain/roster.ts";
import { type Runtime, runtimes } from "../domain/runtimes.ts";
import { oneLine } from "../domain/terminal-text.ts";
import { issuePermit, removePermits } from "./permit.ts";
import { forgetBack, handOver, isSpoolUp, type Run, type SpoolEnd } from "./spool.ts";

/**
 * submitted: seen in the composer and seen to leave it, or the extension says that the runtime has it, or, for a program that
 * reads lines, echoed by the terminal · working: the extension could not take it now · not-running: no live pane · refused: nothing was typed · unproven: typed or taken, but
 * not proven submitted · unseen: typed, but never seen · busy: another sender holds the pane · failed: the delivery itself
 * broke.
 */
export type DeliveryResult =
  | "submitted"
  | "working"
  | "not-running"
  | "refused"
  | "unproven"
  | "unseen"
  | "busy"
  | "failed";

export interface Delivery {
  result: DeliveryResult;
  /** Why it was not submitted, or how that is known, in one line. */
  reason: string;
  /** Who says so. */
  source: Receipt["source"];
  /** The run of the agent that has it, which would report the end of its turn. */
  by?: string | undefined;
  /** A word for programs, where the result alone does not say it. */
  cause?: string;
}

export interface Delivered {
  id: string;
  socket: string;
  agent: Agent;
  /** The run of it that was looked at; undefined: none that lives. */
  instance: string | undefined;
  text: string;
  label: string;
  isNow: boolean;
  /** To type it; undefined: there is none, and it is typed all the same. */
  permit: string | undefined;
}

/** Longer than all waits of send-message.sh together (five of 10 s at most): it ends by itself before. */
const timeoutMs = 90_000;

/** Exit codes of agent-send.sh; every other one is a fault of the delivery itself. */
const results: Partial<Record<number, DeliveryResult>> = {
  0: "submitted",
  3: "not-running",
  4: "refused",
  5: "unproven",
  6: "unseen",
  75: "busy",
};

/** Never throws for what the agent or its pane does. The tools must be extracted. */
export async function deliver(ctx: Context, message: Delivered): Promise<Delivery> {
  const { id, socket, agent, text, label } = message;
  let { permit } = message;
  const run = await spoolOf(ctx, message);
  if (run !== undefined) {
    // From here on the spool says who has it.
    await removePermits(ctx, agent.name, id);
    const spooled = await deliverBySpool(ctx, run, message);
    if (spooled !== undefined) return spooled;
    permit = await issuePermit(ctx, { agent: agent.name, id });
    await forgetBack(ctx, agent.name, id);
  }
  const { agentSend } = toolFiles(ctx.paths);
  // The label is always passed: the script must not take the fleet's server for the place where we are.
  const permitted = permit === undefined ? [] : ["-P", permit];
  const to = ["-i", id, ...permitted, "--to", agent.name];
  const argv = ["sh", agentSend, "-L", socket, "-S", label, ...to];
  // A Ctrl-C between a text and its Enter would leave the text there.
  const done = await ctx.exec(argv, { stdin: text, timeoutMs, isDetached: true });
  const runtime = runtimes[agent.runtime];
  const end = { ...judgeEnd(done, runtime), source: "screen" } as const;
  const isTaken = end.result === "submitted" && runtime.reports && message.instance !== undefined;
  return isTaken ? { ...end, by: message.instance } : end;
}

/** undefined when it has no spool, or one that is not up. */
async function spoolOf(ctx: Context, { agent, instance }: Delivered): Promise<Run | undefined> {
  if (!hasSpool(agent) || instance === undefined) return undefined;
  const run = { agent: agent.name, instance };
  return (await isSpoolUp(ctx, run)) ? run : undefined;
}

/** undefined when it is not up any more: nothing of the message is there. */
async function deliverBySpool(
  ctx: Context,
  run: Run,
  { id, text: body, label, isNow }: Delivered,
): Promise<Delivery | undefined> {
  const text = sealEnvelope({ id, label, body });
  const ended = await handOver(ctx, run, { id, text, isNow });
  if (typeof ended === "object") {
    return { result: "refused", reason: ended.why, source: "agent", cause: ended.cause };
  }
  const end = spoolEnds[ended];
  return end?.source === "agent" ? { ...end, by: run.instance } : end;
}

const spoolEnds: Readonly<Record<SpoolEnd, Delivery | undefined>> = {
  done: {
    result: "submitted",
    reason: "spool: its extension says that the runtime has it",
    source: "agent",
  },
  taken: {
    result: "unproven",
    reason: "spool: its extension took it, and does not say that the runtime has it",
    source: "sender",
  },
  working: {
    result: "working",
    reason: "spool: its extension cannot take it now",
    source: "sender",
  },
  down: undefined,
};

const left = "seen in the composer, and seen to leave it";

/** The terminal itself shows a line, and moves on at its end, for a program that never reads. */
const echoed = "echoed by the terminal; whether the program has read it is not known";

function judgeEnd(
  done: ExecResult,
  { composerPattern }: Pick<Runtime, "composerPattern">,
): Omit<Delivery, "source"> {
  // Killed in the middle: it may have typed.
  if (done.timedOut) return { result: "unproven", reason: "the delivery did not end in time" };
  if (done.signal !== null) {
    return { result: "unproven", reason: `the delivery was killed by ${done.signal}` };
  }
  const result = results[done.exitCode ?? -1] ?? "failed";
  if (result === "submitted") {
    return { result, reason: composerPattern === "line" ? echoed : left };
  }
  const words = oneLine(done.stderr.trim().split("\n").at(-1) ?? "");
  const reason = words.replace(/^(send-message|agent-send): /, "");
  return { result, reason: reason === "" ? `exit ${done.exitCode}` : reason };
}
