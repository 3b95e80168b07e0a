// The faults of an agent, told apart: its program, and its places (workdir and envFile).
import type { Context } from "../context.ts";
import type { Agent } from "../domain/roster.ts";
import { runtimeNames, runtimes } from "../domain/runtimes.ts";
import { type AgentFault, checkAgent } from "../fleet/check-agent.ts";

/** A runtime inside this executable needs no program, so what is wrong with such an agent are its places. */
const builtIn = runtimeNames.find((name) => runtimes[name].program.kind === "self");

/** What is wrong with its workdir and envFile. */
export async function placeFaults(ctx: Context, agent: Agent): Promise<AgentFault[]> {
  return checkAgent(ctx, { ...agent, runtime: builtIn ?? agent.runtime }, { searchPath: "" });
}

/** What is wrong with its program, looked for on this PATH unless the agent sets its own. */
export async function programFaults(
  ctx: Context,
  { agent, searchPath }: { agent: Agent; searchPath: string },
): Promise<AgentFault[]> {
  const places = new Set((await placeFaults(ctx, agent)).map(({ message }) => message));
  const all = await checkAgent(ctx, agent, { searchPath });
  return all.filter(({ message }) => !places.has(message));
}
