// Ends the processes in the background that wait to bring agents their messages (messages/deliver-waiting.ts): with the
// fleet there is nobody left to bring them to.
import type { Context } from "../context.ts";
import { agentFiles, agentNamePattern } from "../domain/names.ts";

const pollMs = 5;

/** Its script, which it never leaves alone, has given up by then. */
const timeoutMs = 10_000;

/** By the lock that each of them holds in our state folder: another fleet's have the same argv. One pass over /proc. */
export async function endDeliverers(ctx: Context): Promise<void> {
  const pids: number[] = [];
  for (const { pid } of await ctx.processes.list()) {
    const [group, verb, agent = ""] = (await ctx.processes.argv(pid)).slice(-3);
    if (group !== "agent" || verb !== "deliver" || !agentNamePattern.test(agent)) continue;
    const { delivering } = agentFiles(ctx.paths, agent);
    if (await ctx.processes.holdsFile(pid, delivering)) pids.push(pid);
  }
  for (const pid of pids) ctx.processes.signal(pid, "SIGTERM");
  const deadline = ctx.clock.now() + timeoutMs;
  for (const pid of pids) {
    while ((await isThere(ctx, pid)) && ctx.clock.now() < deadline) await ctx.clock.sleep(pollMs);
  }
}

async function isThere(ctx: Context, pid: number): Promise<boolean> {
  const process = await ctx.processes.one(pid);
  return process !== undefined && process.state !== "Z";
}
