// The restart lock of one agent, which has the agent's name: whoever starts or restarts it holds it until it is up.
import type { Context } from "../context.ts";
import { agentFiles } from "../domain/names.ts";
import type { HeldLock } from "../lock/held-lock.ts";
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
