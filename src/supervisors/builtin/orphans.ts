// As pid 1 of a container we are the parent of every process whose own parent ended, and nobody else will take the
// dead ones off the process table.
import type { Context } from "../../context.ts";

const everyMs = 5_000;

/**
 * Reaps orphans until the signal is aborted; returns at once when we are not pid 1. A dead child of our own is taken
 * by the runtime within milliseconds, so what is dead at two looks in a row was never ours. A fault, such as no file
 * number left for the listing, is said once and costs one look: zombies wait, and our end would be everybody's.
 */
export async function reapOrphans(ctx: Context, signal: AbortSignal): Promise<void> {
  if (ctx.host.pid !== 1) return;
  let before = new Set<number>();
  const said = new Set<string>();
  while (!signal.aborted) {
    try {
      before = await reapDead(ctx, before);
    } catch (error) {
      const words = error instanceof Error ? error.message : String(error);
      if (!said.has(words)) ctx.io.err(`cannot look for dead orphans: ${words}\n`);
      said.add(words);
    }
    await ctx.clock.sleep(everyMs, signal);
  }
}

/** Takes those away that were dead `before` already; returns all that are dead now. */
async function reapDead(ctx: Context, before: ReadonlySet<number>): Promise<Set<number>> {
  const all = await ctx.processes.list();
  const dead = all.filter(({ parentPid, state }) => parentPid === ctx.host.pid && state === "Z");
  for (const { pid } of dead) {
    if (before.has(pid)) await ctx.processes.reap(pid);
  }
  return new Set(dead.map(({ pid }) => pid));
}
