// The list of crashes that start-agent-session.sh keeps for its backoff.
import type { Context } from "../context.ts";
import { agentFiles } from "../domain/names.ts";

/** A start by a person begins with a clean sheet: no pause, a full burst. */
export async function forgetCrashes(ctx: Context, agent: string): Promise<void> {
  await ctx.files.remove(`${agentFiles(ctx.paths, agent).dir}/crashes`);
}
