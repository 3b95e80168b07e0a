// What start-agent-session.sh keeps of an agent's starts and crashes since the last start by a person.
import type { Context } from "../context.ts";
import { agentFiles } from "../domain/names.ts";

/** A start by a person begins with a clean sheet: no pause, a full burst, no restarts counted. */
export async function forgetCrashes(ctx: Context, agent: string): Promise<void> {
  const { dir } = agentFiles(ctx.paths, agent);
  await ctx.files.remove(`${dir}/crashes`);
  await ctx.files.remove(`${dir}/starts`);
}

/** Starts after the first one; the script adds a line for each. */
export async function countRestarts(ctx: Context, agent: string): Promise<number> {
  const starts = await ctx.files.readText(`${agentFiles(ctx.paths, agent).dir}/starts`);
  return Math.max(0, (starts?.split("\n").length ?? 0) - 2);
}
