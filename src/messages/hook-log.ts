// The log of what hooks could not do: the only place where it can be said without disturbing an agent.
import type { Context } from "../context.ts";
import { hookLog } from "../domain/names.ts";
import { oneLine } from "../domain/terminal-text.ts";

/** A disk must not fill up with the same fault at every step of an agent: the file, and the one before it. */
const maxLogBytes = 1_000_000;

/** Adds a line; never throws. */
export async function logHookFault(ctx: Context, what: string, why: string): Promise<void> {
  try {
    const log = hookLog(ctx.paths);
    const size = (await ctx.files.stat(log))?.sizeBytes ?? 0;
    const line = `${new Date(ctx.clock.now()).toISOString()} ${what}: ${oneLine(why)}\n`;
    // Of two at once the second sets aside a short one: some old lines are lost, and no new one.
    if (size >= maxLogBytes) await ctx.files.rename(log, `${log}.1`);
    await ctx.files.append(log, line, 0o600);
  } catch {
    // No HOME, or a disk that is full: a log is not worth an agent.
  }
}
