// Has the messages of an agent delivered by a process of its own, for callers that must not wait.
import type { Context } from "../context.ts";

/** What an agent's environment has on top of that of its fleet. */
const agentOnly = ["MOSAIC_INSTANCE", "MOSAIC_AGENT", "MOSAIC_HOOK_STATE"];

/** At once, and without a word: what becomes of the messages stands in their receipts. */
export function startDelivery(ctx: Context, agent: string): void {
  const env = Object.entries(ctx.env).filter((entry): entry is [string, string] => {
    const [name, value] = entry;
    // Whatever carries the mark of an agent's run is ended with it.
    return value !== undefined && !agentOnly.includes(name);
  });
  ctx.spawn([...ctx.paths.self, "agent", "deliver", agent], {
    env: Object.fromEntries(env),
    cwd: "/",
    detachedLog: "/dev/null",
  });
}
