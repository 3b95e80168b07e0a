// Scripts of a supervisor that was killed: they still hold their agents' locks. Ending such a script only detaches it;
// the agent lives on, and our own script for it adopts the session.
import type { Context } from "../../context.ts";
import { agentFiles, agentNamePattern, toolFiles } from "../../domain/names.ts";

const pollMs = 5;

/** The longest that a script may take to let go: it may be ending a half-started agent. */
const timeoutMs = 10_000;

/**
 * Pids by agent of every script of ours that runs; one pass over /proc. Not by argv alone: a container whose processes
 * we see, or a fleet with another state folder, runs a script of the same path; so does systemd. Of a script of ours
 * the agent's own lock file is open, and a builtin supervisor has started it.
 */
export async function findScripts(ctx: Context): Promise<Map<string, number[]>> {
  const script = toolFiles(ctx.paths).startAgentSession;
  const found = new Map<string, number[]>();
  for (const { pid, comm } of await ctx.processes.list()) {
    // sh under any of its names; reading the argv of every process of a big host would cost more than all the rest.
    if (!/sh$|^busybox/.test(comm)) continue;
    const [, path, agent = ""] = await ctx.processes.argv(pid);
    if (path !== script || !agentNamePattern.test(agent)) continue;
    if (!(await ctx.processes.holdsFile(pid, lockOf(ctx, agent)))) continue;
    if ((await ctx.processes.variable(pid, "MOSAIC_SUPERVISOR")) !== "builtin") continue;
    found.set(agent, [...(found.get(agent) ?? []), pid]);
  }
  return found;
}

function lockOf(ctx: Context, agent: string): string {
  return `${agentFiles(ctx.paths, agent).dir}/lock`;
}

/** Detaches every script and waits until the locks are free; the names of their agents. Call it before any start. */
export async function detachLeftovers(ctx: Context): Promise<string[]> {
  const scripts = await findScripts(ctx);
  for (const pid of [...scripts.values()].flat()) ctx.processes.signal(pid, "SIGTERM");
  const deadline = ctx.clock.now() + timeoutMs;
  for (const agent of scripts.keys()) {
    const lock = lockOf(ctx, agent);
    while (!(await isFree(ctx, lock)) && ctx.clock.now() < deadline) await ctx.clock.sleep(pollMs);
  }
  return [...scripts.keys()];
}

async function isFree(ctx: Context, path: string): Promise<boolean> {
  const lock = await ctx.files.tryLock(path);
  lock?.[Symbol.dispose]();
  return lock !== undefined;
}
