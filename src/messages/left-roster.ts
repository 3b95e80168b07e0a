// Messages to an agent that has left the roster: nobody will ever type them, so they end, with that reason.
import type { Context, Database } from "../context.ts";
import type { Roster } from "../domain/roster.ts";
import { AppError } from "../errors.ts";
import { agentsWithQueue, refuseQueue } from "../store/messages.ts";
import { loadRoster } from "../fleet/load-roster.ts";
import { findStore } from "../store/store.ts";

/** The reason in the receipt. */
const evidence = "the agent is not in the roster any more";

/** An editor that writes the roster in place has written all of it by then; its first half may be a whole roster too. */
const savedMs = 1_000;

/**
 * Refuses what waits for agents that the roster does not have, and has not after a moment either; the names of those agents.
 * A store or a roster that cannot be read now is looked at the next time.
 */
export async function refuseForLeft(
  ctx: Context,
  roster: Pick<Roster, "agents">,
): Promise<string[]> {
  try {
    using store = await findStore(ctx);
    if (store === undefined || leftBehind(store, roster).length === 0) return [];
    await ctx.clock.sleep(savedMs);
    const left = leftBehind(store, await loadRoster(ctx));
    for (const agent of left) refuseQueue(store, { agent, at: ctx.clock.now(), evidence });
    return left;
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return [];
  }
}

function leftBehind(store: Database, { agents }: Pick<Roster, "agents">): string[] {
  const known = new Set(agents.map(({ name }) => name));
  return agentsWithQueue(store).filter((name) => !known.has(name));
}
