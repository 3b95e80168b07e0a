// What one agent does just now.
import type { Context } from "../context.ts";
import type { Judged } from "../domain/activity.ts";
import type { Agent } from "../domain/roster.ts";
import { lookAtActivities } from "../fleet/activities.ts";
import { listPanes } from "../fleet/observe.ts";

/** `judged` is undefined when nothing tells what it does. */
export interface AgentActivity {
  instance: string;
  paneId: string;
  /** Epoch milliseconds. */
  startedAt: number;
  judged: Judged | undefined;
}

/** undefined: it has no living pane on a server of ours. Two or three execs. */
export async function lookAtActivity(
  ctx: Context,
  { socket, agent }: { socket: string; agent: Agent },
): Promise<AgentActivity | undefined> {
  const { owner, panes } = await listPanes(ctx, socket);
  const pane = panes.find(
    (one) => one.session === agent.name && one.agent === agent.name && !one.isDead,
  );
  if (owner !== "ours" || pane === undefined) return undefined;
  const { paneId, instance, createdAt: startedAt } = pane;
  const judged = await lookAtActivities(ctx, socket, [{ agent, paneId, instance, startedAt }]);
  return { instance, paneId, startedAt, judged: judged.get(agent.name) };
}
