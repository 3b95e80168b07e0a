// State reporting by way of settings.json: for an agent of a fleet that was not given our hooks on its command line,
// because its roster gives settings of its own. Whoever was given them reports already, and a session that an agent
// starts inside itself is not that agent.
import type { Context, ProcessInfo } from "../context.ts";
import { reportHook } from "../messages/hook.ts";
import type { HookCall } from "./run.ts";

/** Between a runtime and its hook stand a shell or two. */
const maxSteps = 8;

/** What the wrapper of every pane runs (framework/tools/fleet/agent-pane.sh). */
const wrapper = /\/agent-pane\.sh$/;

/** Reports when the session that calls us is the agent itself, and has no other way to. */
export async function reportOwnState(ctx: Context, { event, text }: HookCall): Promise<void> {
  const runtime = await callingRuntime(ctx);
  if (runtime === undefined) return;
  const argv = await ctx.processes.argv(runtime.pid);
  const isGivenOurs = argv.some((word) => word.endsWith("/hooks/claude/settings.json"));
  if (!isGivenOurs) await reportHook(ctx, event, text);
}

/** The process that called the hook, when it is what the wrapper of the pane runs. */
async function callingRuntime(ctx: Context): Promise<ProcessInfo | undefined> {
  let child = await ctx.processes.one(ctx.host.pid);
  let isCaller = false;
  for (let step = 0; step < maxSteps && child !== undefined; step++) {
    const parent = await ctx.processes.one(child.parentPid);
    if (parent === undefined) return undefined;
    const argv = await ctx.processes.argv(parent.pid);
    if (argv.some((word) => wrapper.test(word))) return isCaller ? child : undefined;
    // The first that is no shell called the hook: it, and nobody above it, may be the agent.
    if (isCaller) return undefined;
    isCaller = !isShell(parent, argv);
    child = parent;
  }
  return undefined;
}

function isShell({ comm }: ProcessInfo, argv: readonly string[]): boolean {
  return /^(sh|dash|bash|zsh|ksh|ash|busybox)$/.test(comm) && argv.includes("-c");
}
