// Writes the launch files that start-agent-session.sh reads.
import { exitCodes } from "../errors.ts";
import type { Context } from "../context.ts";
import { renderLaunch } from "../domain/launch.ts";
import { agentFiles } from "../domain/names.ts";
import type { Agent, Roster } from "../domain/roster.ts";
import { loadRoster, pickAgents } from "./load-roster.ts";

/** One file per agent, 0600: a roster's env may hold what is nobody else's business. */
export async function renderLaunchFiles(
  ctx: Context,
  roster: Roster,
  agents: readonly Agent[],
): Promise<void> {
  for (const agent of agents) {
    const text = renderLaunch({ roster, agent, self: ctx.paths.self });
    await ctx.files.write(agentFiles(ctx.paths, agent.name).launch, text, 0o600);
  }
}

/** `mosaic agent render NAME`, called by the script when the roster is newer than the launch file. */
export async function renderAgent(ctx: Context, { name }: { name: string }): Promise<number> {
  const roster = await loadRoster(ctx);
  await renderLaunchFiles(ctx, roster, pickAgents(roster, [name]));
  return exitCodes.ok;
}
