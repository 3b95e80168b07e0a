// What `agent status --explain` says of the messages to an agent: how many wait and why, and what was typed and never left.
import type { Context } from "../context.ts";
import { AppError } from "../errors.ts";
import { queueLength, typedOf } from "../store/messages.ts";
import { findStore } from "../store/store.ts";
import { whyQueueWaits } from "../store/why-waiting.ts";

/** Lines for people; none when nothing waits. `since`: when this run of the agent began, epoch milliseconds. */
export async function explainQueue(
  ctx: Context,
  { agent, since }: { agent: string; since: number | undefined },
): Promise<string[]> {
  try {
    using store = await findStore(ctx);
    if (store === undefined) return [];
    const typed = since === undefined ? [] : typedOf(store, { agent, since });
    const lines = typed.map(
      ({ id }) =>
        `message ${id} was typed into it and is not proven to be submitted; where it stands in the composer, Enter sends it and Ctrl-C takes it out: mosaic agent attach ${agent}`,
    );
    const count = queueLength(store, agent);
    if (count === 0) return lines;
    const why = whyQueueWaits(store, agent)?.evidence;
    const what = count === 1 ? "1 message waits" : `${count} messages wait`;
    return [...lines, `${what} for it${why === undefined ? "" : `: ${why}`}`];
  } catch (error) {
    // That the store cannot be read was told with what the agents do.
    if (!(error instanceof AppError)) throw error;
    return [];
  }
}
