// One try to bring one message to an agent, through agent-send.sh, which types it into the pane.
import type { Context, ExecResult } from "../context.ts";
import { toolFiles } from "../domain/names.ts";
import { oneLine } from "../domain/terminal-text.ts";

/**
 * submitted: seen in the composer and seen to leave it · not-running: no live pane · refused: nothing was typed ·
 * unproven: typed, but not proven submitted · unseen: typed, but never seen · busy: another sender holds the pane ·
 * failed: the delivery itself broke.
 */
export type DeliveryResult =
  | "submitted"
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
  /** A word for programs, where the result alone does not say it. */
  cause?: string;
}

export interface Delivered {
  id: string;
  socket: string;
  agent: string;
  text: string;
  label: string;
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
  const { agentSend } = toolFiles(ctx.paths);
  // The label is always passed: the script must not take the fleet's server for the place where we are.
  const argv = ["sh", agentSend, "-L", socket, "-S", label, "-i", id, "--to", agent];
  // A Ctrl-C between a text and its Enter would leave the text there.
  return judgeEnd(await ctx.exec(argv, { stdin: text, timeoutMs, isDetached: true }));
}

function judgeEnd(done: ExecResult): Delivery {
  // Killed in the middle: it may have typed.
  if (done.timedOut) return { result: "unproven", reason: "the delivery did not end in time" };
  if (done.signal !== null) {
    return { result: "unproven", reason: `the delivery was killed by ${done.signal}` };
  }
  const result = results[done.exitCode ?? -1] ?? "failed";
  if (result === "submitted") {
    return { result, reason: "seen in the composer, and seen to leave it" };
  }
  const words = oneLine(done.stderr.trim().split("\n").at(-1) ?? "");
  const reason = words.replace(/^(send-message|agent-send): /, "");
  return { result, reason: reason === "" ? `exit ${done.exitCode}` : reason };
}
