// One look at an agent's own pane: is it there, is it ours, does it live, and what does it show. The pane is the one
// that its session was made with, not the one where a person sits who split the window.
import type { Context, ExecResult } from "../context.ts";
import { AppError, exitCodes, ProcessError } from "../errors.ts";
import { paneTarget } from "../domain/names.ts";
import { noTmux } from "./server-owner.ts";
import { isNoServer, tmuxArgv } from "./tmux.ts";

export interface PaneLook {
  /** The runtime has ended and tmux keeps its last screen. */
  isDead: boolean;
  /** What the pane shows, wrapped lines joined, blanks at each line's end and below the last line removed. */
  lines: string[];
  /** tmux target of that very pane. */
  target: string;
}

export interface PaneQuestion {
  socket: string;
  agent: string;
  /** Lines of history above the screen; 0 for the screen alone. */
  historyLines: number;
}

const paneFields = "#{@mosaic_agent}\t#{@mosaic_pane}\t#{pane_id}\t#{pane_dead}";

/**
 * Two execs: a target takes no format, so the pane has to be known before it is captured. Undefined when the agent has
 * no session or pane, or no server answers. Throws AppError: exit 4 when the session is not one of ours, ProcessError
 * when tmux fails otherwise.
 */
export async function lookAtPane(
  ctx: Context,
  question: PaneQuestion,
): Promise<PaneLook | undefined> {
  const { socket, agent, historyLines } = question;
  const listed = await ask(ctx, tmuxArgv(socket, listPanes(agent)));
  if (listed === undefined) return undefined;
  const rows = listed.trimEnd().split("\n");
  const panes = rows.map((row) => row.split("\t"));
  if (panes[0]?.[0] !== agent) throw notOurs(socket, agent);
  // A session that does not say which pane it was made with has one.
  const own = panes.find(([, made, id]) => id === made) ?? (panes[0][1] === "" ? panes[0] : []);
  const [, , id, isDead] = own;
  if (id === undefined) return undefined;
  const target = `${paneTarget(agent)}.${id}`;
  const from = historyLines === 0 ? "0" : `-${historyLines}`;
  const capture = ["capture-pane", "-p", "-J", "-t", target, "-S", from];
  const shown = await ask(ctx, tmuxArgv(socket, capture));
  if (shown === undefined) return undefined;
  return { isDead: isDead === "1", lines: withoutTrailingBlanks(shown.split("\n")), target };
}

function listPanes(agent: string): string[] {
  return ["list-panes", "-s", "-t", paneTarget(agent), "-F", paneFields];
}

/** What tmux said; undefined when there is nothing of this name. */
async function ask(ctx: Context, argv: readonly string[]): Promise<string | undefined> {
  const result: ExecResult = await ctx.exec(argv);
  if (result.signal === "SIGINT") {
    // Ctrl-C reaches every program of the terminal, tmux before us perhaps.
    throw new AppError("interrupted", { exitCode: exitCodes.interrupted });
  }
  if (result.exitCode === 127) throw noTmux();
  if (result.exitCode === 0) return result.stdout;
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
