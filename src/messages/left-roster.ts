// Messages to an agent that has left the roster. A roster that is being edited may have it again in a moment, so they wait,
// and say for what, until somebody starts or stops the fleet: that roster is meant, and they end, with that reason.
import type { Context, Database } from "../context.ts";
import type { Roster } from "../domain/roster.ts";
import { AppError } from "../errors.ts";
import { tellWhy } from "../store/claims.ts";
import { agentsWithQueue, expireOld, queueOf, refuseQueue } from "../store/messages.ts";
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

/** That it waits for the roster stands in the receipt of the first that does. A store that cannot be written says nothing. */
export async function tellLeft(ctx: Context, agent: string): Promise<void> {
  try {
    using store = await findStore(ctx);
    if (store === undefined) return;
    expireOld(store, agent, ctx.clock.now());
    const first = queueOf(store, agent).find(({ claimedAt }) => claimedAt === undefined);
    const why = `${evidence}; the next fleet start or fleet stop refuses what waits for it`;
    if (first !== undefined) tellWhy(store, first, { evidence: why, cause: "left-roster" });
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
  }
}

function leftBehind(store: Database, { agents }: Pick<Roster, "agents">): string[] {
  const known = new Set(agents.map(({ name }) => name));
  return agentsWithQueue(store).filter((name) => !known.has(name));
}
