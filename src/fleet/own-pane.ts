// One look at an agent's own pane in one exec: is it there, is it ours, does it live, and what does it show.
import type { Context } from "../context.ts";
import { AppError, exitCodes, ProcessError } from "../errors.ts";
import { paneTarget } from "../domain/names.ts";
import { noTmux } from "./server-owner.ts";
import { isNoServer, tmuxArgv } from "./tmux.ts";

export interface PaneLook {
  /** The runtime has ended and tmux keeps its last screen. */
  isDead: boolean;
  /** What the pane shows, wrapped lines joined, blanks at each line's end and below the last line removed. */
  lines: string[];
}

export interface PaneQuestion {
  socket: string;
  agent: string;
  /** Lines of history above the screen; 0 for the screen alone. */
  historyLines: number;
}

/**
 * Undefined when the agent has no session, or no server answers. Throws AppError: exit 4 when the session is not
 * one of ours, ProcessError when tmux fails otherwise.
 */
export async function lookAtPane(
  ctx: Context,
  question: PaneQuestion,
): Promise<PaneLook | undefined> {
  const { socket, agent, historyLines } = question;
  const target = paneTarget(agent);
  // display-message answers for no target at all with exit 0, so the names are compared in its format.
  const header = `#{==:#{session_name},${agent}} #{==:#{@mosaic_agent},${agent}} #{pane_dead}`;
  const argv = tmuxArgv(
    socket,
    ["display-message", "-p", "-t", target, header],
    ["capture-pane", "-p", "-J", "-t", target, "-S", historyLines === 0 ? "0" : `-${historyLines}`],
  );
  const result = await ctx.exec(argv);
  if (result.signal === "SIGINT") {
    // Ctrl-C reaches every program of the terminal, tmux before us perhaps.
    throw new AppError("interrupted", { exitCode: exitCodes.interrupted });
  }
  if (result.exitCode === 127) throw noTmux();
  const [first = "", ...rest] = result.stdout.split("\n");
  const [isThere, isOurs, isDead] = first.split(" ");
  if (isThere === "1" && isOurs !== "1") throw notOurs(socket, agent);
  if (result.exitCode === 0 && isThere === "1") {
    return { isDead: isDead === "1", lines: withoutTrailingBlanks(rest) };
  }
  if (isNoServer(result.stderr) || /can't find (session|window|pane)/.test(result.stderr))
    return undefined;
  throw new ProcessError({ argv, ...result });
}

/** The AppError, exit 3, for an agent without a session. */
export function notRunning(agent: string): AppError {
  return new AppError(`${agent} is not running`, {
    exitCode: exitCodes.notRunning,
    hint: `mosaic fleet start ${agent}\nmosaic agent why ${agent}`,
  });
}

function notOurs(socket: string, agent: string): AppError {
  return new AppError(`the session ${agent} on tmux socket ${socket} was not made by mosaic`, {
    exitCode: exitCodes.refused,
    hint: `look at it with: tmux -L ${socket} attach -t =${agent}`,
  });
}

function withoutTrailingBlanks(raw: readonly string[]): string[] {
  const lines = raw.map((line) => line.trimEnd());
  return lines.slice(0, lines.findLastIndex((line) => line !== "") + 1);
}
