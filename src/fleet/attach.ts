// A person's terminal on an agent's session. Only on a session that is ours, and never by a prefix of its name.
import type { Context } from "../context.ts";
import { AppError, exitCodes, usageError } from "../errors.ts";
import { loadRoster, pickAgents } from "./load-roster.ts";
import { lookAtPane, notRunning } from "./own-pane.ts";
import { tmuxArgv } from "./tmux.ts";

/**
 * Returns when the person detached. Throws AppError: exit 2 without a terminal or for an unknown name, 3 when the
 * agent does not run, 4 when the session is not ours.
 */
export async function attachAgent(
  ctx: Context,
  { name, readOnly }: { name: string; readOnly: boolean },
): Promise<number> {
  const roster = await loadRoster(ctx);
  pickAgents(roster, [name]);
  if (!ctx.io.stdinIsTty || !ctx.io.stdoutIsTty) {
    throw usageError("attach needs a terminal", `mosaic agent tail ${name}`);
  }
  const pane = await lookAtPane(ctx, { socket: roster.socket, agent: name, historyLines: 0 });
  if (pane === undefined || pane.isDead) throw notRunning(name);
  // The agent's own pane, in whichever window a person left the session.
  // -r also keeps this terminal's size from changing the agent's (tmux(1), attach-session).
  const attach = ["attach-session", ...(readOnly ? ["-r"] : []), "-t", pane.target];
  // Inside another tmux the client would refuse; ours is another server, so nothing can nest into itself.
  const argv = ["env", "-u", "TMUX", "-u", "TMUX_PANE", ...tmuxArgv(roster.socket, attach)];
  const exitCode = await ctx.runInteractive(argv);
  if (exitCode !== 0) {
    throw new AppError(`the terminal lost the session ${name} (tmux exit ${exitCode})`, {
      hint: `mosaic agent status ${name}`,
    });
  }
  return exitCodes.ok;
}
