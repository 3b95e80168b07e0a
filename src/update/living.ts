// Which agents live, by the pid of their pane, before and after an update.
import type { Context } from "../context.ts";
import { AppError } from "../errors.ts";
import { loadRoster } from "../fleet/load-roster.ts";
import { listPanes } from "../fleet/observe.ts";

export interface LivingAgent {
  name: string;
  panePid: number;
}

/** Empty where no fleet runs, or where it cannot be asked. */
export async function livingAgentPids(ctx: Context): Promise<LivingAgent[]> {
  try {
    const { socket } = await loadRoster(ctx);
    const { owner, panes } = await listPanes(ctx, socket);
    if (owner !== "ours") return [];
    return panes
      .filter(({ agent, session, isDead }) => agent !== "" && agent === session && !isDead)
      .map(({ agent, panePid }) => ({ name: agent, panePid }));
  } catch (error) {
    // No roster, or no tmux: there is nothing that could have been lost.
    if (error instanceof AppError) return [];
    throw error;
  }
}

/** Each agent that lived before, with its pid then and now; undefined now when it is gone. */
export function samePids(before: readonly LivingAgent[], after: readonly LivingAgent[]) {
  return before.map(({ name, panePid }) => ({
    name,
    before: panePid,
    after: after.find((agent) => agent.name === name)?.panePid,
  }));
}
