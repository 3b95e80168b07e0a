// What the roster no longer names: agents that run on, and messages that wait for somebody who is gone.
import { AppError } from "../../errors.ts";
import type { Context } from "../../context.ts";
import { agentSessions } from "../../domain/sessions.ts";
import { listPanes } from "../../fleet/observe.ts";
import { agentsWithQueue, queueLength } from "../../store/messages.ts";
import { findStore } from "../../store/store.ts";
import { type Check, type CheckResult, merged, ok, skipped, warning } from "../check.ts";

export const orphans: Check = {
  id: "orphans",
  title: "left the roster",
  needs: "roster",
  async run(ctx, { roster }) {
    if (roster === undefined) return skipped("no valid roster");
    const known = new Set(roster.agents.map(({ name }) => name));
    const asked = await runningOn(ctx, roster.socket);
    if (!Array.isArray(asked)) return skipped(asked.why);
    const findings = asked
      .filter((name) => !known.has(name))
      .map((name) => warning(`${name} runs but is not in the roster`, `mosaic fleet stop ${name}`));
    return merged([...findings, ...(await waiting(ctx, known))], ok("nothing of the fleet has"));
  },
};

/** What is wrong with tmux itself, other checks say. */
async function runningOn(ctx: Context, socket: string): Promise<string[] | { why: string }> {
  try {
    return agentSessions(await listPanes(ctx, socket));
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return { why: error.message };
  }
}

async function waiting(ctx: Context, known: ReadonlySet<string>): Promise<CheckResult[]> {
  try {
    using store = await findStore(ctx);
    if (store === undefined) return [];
    return agentsWithQueue(store)
      .filter((name) => !known.has(name))
      .map((name) => {
        const count = queueLength(store, name);
        const what = count === 1 ? "1 message waits" : `${count} messages wait`;
        const detail = `${what} for ${name}, which is not in the roster`;
        return warning(detail, `mosaic fleet stop ${name}`);
      });
  } catch (error) {
    // The check of the store says what is wrong with it.
    if (!(error instanceof AppError)) throw error;
    return [];
  }
}
