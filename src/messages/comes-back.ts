// What becomes of an agent without a living pane, by its supervisor: it is started again (also when that has not heard of
// its end yet: a tmux server that was killed takes every session with it, and all of them come back), or given up.
import type { Context, Database } from "../context.ts";
import type { Agent, Roster } from "../domain/roster.ts";
import { AppError } from "../errors.ts";
import { endOf, readBlackBox } from "../fleet/black-box.ts";
import { observeFleet } from "../fleet/observe.ts";
import { unclaimMessage } from "../store/claims.ts";
import type { StoredMessage } from "../store/message-rows.ts";
import { queueOf } from "../store/messages.ts";
import { endUntouched } from "../store/receipts.ts";

/** back: it is about to have a pane · gave-up: after crashes, until somebody starts it · down: it is stopped, or nobody knows. */
export interface Outlook {
  kind: "back" | "gave-up" | "down";
  /** For people, in one line; empty when it is down. */
  why: string;
}

/** Two execs, or one and a request. `down` as well when the supervisor cannot be asked. */
export async function outlookOf(
  ctx: Context,
  { roster, agent }: { roster: Roster; agent: Agent },
): Promise<Outlook> {
  try {
    const { agents } = await observeFleet(ctx, { roster, agents: [agent] });
    const supervised = agents[0]?.supervised;
    const { state, restarts = 0, reason = "" } = supervised ?? {};
    // Configuration and login are mended by a person, who starts it then: what waits for it goes on waiting.
    if (state === "failed" && supervised?.needsPerson === false) {
      return { kind: "gave-up", why: `its supervisor does not bring it back: ${reason}` };
    }
    if (state !== "starting" && state !== "backoff" && state !== "running") return down;
    const box = restarts === 0 ? undefined : await readBlackBox(ctx, agent.name);
    const crashes = box === undefined ? "" : `, for the ${restarts}. time: ${endOf(box)}`;
    return { kind: "back", why: `its supervisor is bringing it back${crashes}` };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return down;
  }
}

const down: Outlook = { kind: "down", why: "" };

/** Says so in the receipts of those that wait. undefined: it is left to the delivery to find that nobody is there. */
export function heldWithoutPane(
  ctx: Context,
  store: Database,
  { next, outlook }: { next: StoredMessage; outlook: Outlook | undefined },
): "starting" | "empty" | undefined {
  if (outlook === undefined || outlook.kind === "down") return undefined;
  const why = { evidence: outlook.why, cause: "not-running" };
  if (outlook.kind === "back") {
    unclaimMessage(store, next, why);
    return "starting";
  }
  const at = ctx.clock.now();
  for (const message of queueOf(store, next.agent)) {
    endUntouched(store, message, { status: "refused", at, source: "screen", ...why });
  }
  return "empty";
}

/** An agent that is down takes nothing: not the first of its queue, whose sender was told that it waits, and none behind it. */
export function refuseToo(ctx: Context, store: Database, message: StoredMessage): void {
  if (message.isKept) return;
  const evidence = "it does not run, and others that were sent before wait for its start";
  const why = { evidence, source: "screen", cause: "not-running" } as const;
  endUntouched(store, message, { status: "refused", at: ctx.clock.now(), ...why });
}
