// Work for many agents at once that each script would otherwise do by itself, one process each.
import type { Context } from "../../context.ts";
import { agentFiles } from "../../domain/names.ts";
import type { Agent } from "../../domain/roster.ts";

/**
 * Makes the pipes by which scripts learn of the end of their panes, for agents that have left none. A script whose pipe
 * is missing makes it, so a failure here costs time and nothing else.
 */
export async function prepareAgents(ctx: Context, agents: readonly Agent[]): Promise<void> {
  const missing: string[] = [];
  for (const { name } of agents) {
    const pipe = `${agentFiles(ctx.paths, name).dir}/life`;
    if ((await ctx.files.stat(pipe)) === undefined) missing.push(pipe);
  }
  if (missing.length > 1) await ctx.exec(["mkfifo", "-m", "600", ...missing]);
}
