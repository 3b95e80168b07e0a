// The restart lock of one agent, which has the agent's name: whoever starts or restarts it holds it until it is up.
import type { Context } from "../context.ts";
import { holderOf } from "../domain/lock-record.ts";
import { agentFiles } from "../domain/names.ts";
import { oneLine } from "../domain/terminal-text.ts";
import type { HeldLock } from "../lock/held-lock.ts";
import { outerTokens } from "../lock/liveness.ts";
import { lookAtLock } from "../lock/lock-file.ts";
import { acquireLock } from "../lock/restart-lock.ts";
import { AppError, exitCodes } from "../errors.ts";
import type { AgentOutcome } from "./supervisor.ts";

export interface AgentLockOptions {
  /** Such as `fleet restart`. */
  purpose: string;
  /** Our command asks a supervisor, which does the work: its own scripts need not wait for this lock. */
  isSupervised?: boolean;
  /** Of whoever asked us, when that one runs under the lock itself. */
  token?: string | undefined;
  /** Default: for ever. */
  timeoutMs?: number;
  /** Called once, with why, when it has to be waited for. */
  waiting?: (why: string) => void;
  /** Ends the wait, with exit 130. */
  signal?: AbortSignal;
}

/** Longer than any restart may take: the stop, and TimeoutStartSec= of the units. */
export const restartPatienceMs = 300_000;

/**
 * Waits for whoever restarts the agent now, or keeps it from being restarted (`mosaic lock run`). A holder that lives is
 * never made to lose: a person who keeps an agent down for an hour means it. Throws AppError, exit 75, at the timeout.
 */
export function lockAgent(
  ctx: Context,
  name: string,
  options: AgentLockOptions,
): Promise<HeldLock> {
  const waiting = (why: string): void => {
    ctx.io.err(`mosaic: ${name}: waiting for its restart lock: ${why}\n`);
    options.waiting?.(why);
  };
  return acquireLock(ctx, name, { ...options, waiting });
}

/** Says which of these are held by somebody else, where another process will wait for them and cannot tell. */
export async function tellHeld(ctx: Context, names: readonly string[]): Promise<void> {
  const ours = outerTokens(ctx);
  for (const name of names) {
    const { content } = await lookAtLock(ctx, name);
    if (content?.kind !== "record" || ours.includes(content.record.token)) continue;
    const { pid } = holderOf(content.record);
    const what = oneLine(content.record.purpose);
    ctx.io.err(`mosaic: ${name}: its restart lock is held by pid ${pid} (${what})\n`);
  }
}

/** Another one after each start of the agent, by whomever; empty when it is not up. */
export async function instanceOf(ctx: Context, agent: string): Promise<string> {
  return (await ctx.files.readText(`${agentFiles(ctx.paths, agent).dir}/instance`)) ?? "";
}

/** The agent has been started anew since we were asked to restart it: a second time is not what was meant. */
export async function isRestartedSince(
  ctx: Context,
  { agent, before }: { agent: string; before: string },
): Promise<boolean> {
  const now = await instanceOf(ctx, agent);
  return now !== "" && now !== before;
}

/** A lock that cannot be had concerns one agent; the others go on. */
export async function orBusy(
  agent: string,
  work: () => Promise<AgentOutcome>,
): Promise<AgentOutcome> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof AppError) || error.exitCode !== exitCodes.busy) throw error;
    const { message, hint = "" } = error;
    return { name: agent, result: "failed", reason: message, hint, tookMs: 0 };
  }
}
