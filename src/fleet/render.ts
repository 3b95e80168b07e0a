// Writes the launch files that start-agent-session.sh reads.
import { exitCodes } from "../errors.ts";
import type { Context } from "../context.ts";
import { renderLaunch } from "../domain/launch.ts";
import { agentFiles, rosterFile } from "../domain/names.ts";
import type { Agent, Roster } from "../domain/roster.ts";
import { loadRoster, pickAgents } from "./load-roster.ts";

/**
 * One file per agent, 0600: a roster's env may hold what is nobody else's business. One that says the same and is no
 * older than the roster, which is what the script goes by, is left: fifty writes to the disk are felt.
 */
export async function renderLaunchFiles(
  ctx: Context,
  { roster, agents }: { roster: Roster; agents: readonly Agent[] },
): Promise<void> {
  const rosterAt = (await ctx.files.stat(rosterFile(ctx.paths)))?.modifiedAt ?? 0;
  for (const agent of agents) {
    const { launch, resume: resumeFile } = agentFiles(ctx.paths, agent.name);
    const resume = await ctx.files.readText(resumeFile);
    const { self, config: home } = ctx.paths;
    const text = renderLaunch({ roster, agent, self, home, resume });
    const isUpToDate = ((await ctx.files.stat(launch))?.modifiedAt ?? 0) >= rosterAt;
    if (isUpToDate && (await ctx.files.readText(launch)) === text) continue;
    await ctx.files.write(launch, text, 0o600, { isDerived: true });
  }
}

/** `mosaic agent render NAME`, called by the script when the roster is newer than the launch file. */
export async function renderAgent(ctx: Context, { name }: { name: string }): Promise<number> {
  const roster = await loadRoster(ctx);
  await renderLaunchFiles(ctx, { roster, agents: pickAgents(roster, [name]) });
  return exitCodes.ok;
}
