// What start-agent-session.sh keeps of an agent's starts and crashes since the last start by a person.
import type { Context } from "../context.ts";
import { agentFiles } from "../domain/names.ts";

/** A start by a person begins with a clean sheet: no pause, a full burst, no restarts counted. */
export async function forgetCrashes(ctx: Context, agent: string): Promise<void> {
  const { dir } = agentFiles(ctx.paths, agent);
  await ctx.files.remove(`${dir}/crashes`);
  await ctx.files.remove(`${dir}/starts`);
}

/** Epoch ms of every start since then, oldest first; the script adds a line for each. */
export async function readStarts(ctx: Context, agent: string): Promise<number[]> {
  const starts = await ctx.files.readText(`${agentFiles(ctx.paths, agent).dir}/starts`);
  const lines = (starts ?? "").split("\n");
  // A line cut by a power cut says nothing.
  return lines.filter((line) => /^\d+$/.test(line)).map((line) => Number(line) * 1000);
}
