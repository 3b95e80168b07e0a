// The last lines of an agent's screen, and on request what follows.
import { signalExitCode } from "../domain/signal-exit.ts";
import type { Context } from "../context.ts";
import { exitCodes } from "../errors.ts";
import { follow, startFollowing, untold } from "../domain/follow.ts";
import { loadRoster, pickAgents } from "./load-roster.ts";
import { lookAtPane, notRunning, type PaneLook } from "./own-pane.ts";

export interface TailOptions {
  name: string;
  /** Counted after the blank lines at the end are gone. */
  lines: number;
  follow: boolean;
}

/** Often enough for a person, and a tmux call of 5 ms each does not show. */
const pollMs = 250;

/** History that each look of a watch takes in; a burst may scroll this far between two looks. */
const followedHistoryLines = 500;

/**
 * Prints the lines on stdout. With `follow` it ends at Ctrl-C (130) or with the agent (0). Throws AppError: exit 2
 * for a name that is not in the roster, 3 when there is no session, 4 when the session is not ours.
 */
export async function tailAgent(ctx: Context, options: TailOptions): Promise<number> {
  const roster = await loadRoster(ctx);
  pickAgents(roster, [options.name]);
  const historyLines = options.follow
    ? Math.max(options.lines, followedHistoryLines)
    : options.lines;
  const look = (lines: number) =>
    lookAtPane(ctx, { socket: roster.socket, agent: options.name, historyLines: lines });
  const first = await look(historyLines);
  if (first === undefined) throw notRunning(options.name);
  print(ctx, first.lines.slice(-options.lines));
  if (first.isDead) return tellEnd(ctx, options.name);
  if (!options.follow) return exitCodes.ok;
  return await watch(ctx, { name: options.name, first, look: () => look(followedHistoryLines) });
}

interface Watch {
  name: string;
  first: PaneLook;
  look: () => Promise<PaneLook | undefined>;
}

async function watch(ctx: Context, { name, first, look }: Watch): Promise<number> {
  let followed = startFollowing(first.lines.slice(-followedHistoryLines));
  const interrupted = ctx.untilSignal();
  for (;;) {
    const signal = await Promise.race([ctx.clock.sleep(pollMs), interrupted]);
    if (signal !== undefined) return signalExitCode(signal);
    const seen = await look();
    if (seen !== undefined) {
      const next = follow(followed, seen.lines);
      followed = next.followed;
      print(ctx, next.fresh);
    }
    if (seen === undefined || seen.isDead) {
      print(ctx, untold(followed));
      return tellEnd(ctx, name);
    }
  }
}

function print({ io }: Context, lines: readonly string[]): void {
  if (lines.length > 0) io.out(lines.map((line) => `${line}\n`).join(""));
}

function tellEnd({ io }: Context, name: string): number {
  io.err(`${name} has ended; mosaic agent why ${name} says why\n`);
  return exitCodes.ok;
}
