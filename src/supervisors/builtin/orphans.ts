// As pid 1 of a container we are the parent of every process whose own parent ended, and nobody else will take the
// dead ones off the process table.
import type { Context } from "../../context.ts";

const everyMs = 5_000;

/**
 * Reaps orphans until the signal is aborted; returns at once when we are not pid 1. A dead child of our own is taken
 * by the runtime within milliseconds, so what is dead at two looks in a row was never ours.
 */
export async function reapOrphans(ctx: Context, signal: AbortSignal): Promise<void> {
  if (ctx.host.pid !== 1) return;
  let before = new Set<number>();
  while (!signal.aborted) {
    const all = await ctx.processes.list();
    const dead = all.filter(({ parentPid, state }) => parentPid === ctx.host.pid && state === "Z");
    for (const { pid } of dead) {
      if (before.has(pid)) await ctx.processes.reap(pid);
    }
    before = new Set(dead.map(({ pid }) => pid));
    await ctx.clock.sleep(everyMs, signal);
  }
}
