// Messages to an agent that has left the roster: nobody will ever type them, so they end, with that reason.
import type { Context } from "../context.ts";
import type { Roster } from "../domain/roster.ts";
import { AppError } from "../errors.ts";
import { agentsWithQueue, refuseQueue } from "../store/messages.ts";
import { findStore } from "../store/store.ts";

/** The reason in the receipt. */
const evidence = "the agent is not in the roster any more";

/**
 * Refuses what waits for agents that the roster does not have; the names of those agents. A store that cannot be read now
 * is looked at the next time.
 */
export async function refuseForLeft(
  ctx: Context,
  roster: Pick<Roster, "agents">,
): Promise<string[]> {
  const known = new Set(roster.agents.map(({ name }) => name));
  try {
    using store = await findStore(ctx);
    if (store === undefined) return [];
    const left = agentsWithQueue(store).filter((name) => !known.has(name));
    for (const agent of left) refuseQueue(store, { agent, at: ctx.clock.now(), evidence });
    return left;
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return [];
  }
}
