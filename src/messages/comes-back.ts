// Whether an agent without a living pane is about to have one: its supervisor starts it, or has not heard of its end yet (a
// tmux server that was killed takes every session with it, and all of them come back).
import type { Context, Database } from "../context.ts";
import type { Agent, Roster } from "../domain/roster.ts";
import { AppError } from "../errors.ts";
import { observeFleet } from "../fleet/observe.ts";
import type { StoredMessage } from "../store/message-rows.ts";
import { endUntouched } from "../store/receipts.ts";

/** Two execs, or one and a request. False as well when the supervisor cannot be asked. */
export async function comesBack(
  ctx: Context,
  { roster, agent }: { roster: Roster; agent: Agent },
): Promise<boolean> {
  try {
    const { agents } = await observeFleet(ctx, { roster, agents: [agent] });
    const state = agents[0]?.supervised?.state;
    return state === "starting" || state === "backoff" || state === "running";
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return false;
  }
}

/** An agent that is down takes nothing: not the first of its queue, whose sender was told that it waits, and none behind it. */
export function refuseToo(ctx: Context, store: Database, message: StoredMessage): void {
  if (message.isKept) return;
  const evidence = "it does not run, and others that were sent before wait for its start";
  const why = { evidence, source: "screen", cause: "not-running" } as const;
  endUntouched(store, message, { status: "refused", at: ctx.clock.now(), ...why });
}
