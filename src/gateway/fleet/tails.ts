// What agents of this host show, for any number of readers at once: one look per agent, however many follow it.
import type { Context } from "../../context.ts";
import { follow, startFollowing, untold } from "../../domain/follow.ts";
import { AppError } from "../../errors.ts";
import { lookAtPane, notRunning } from "../../fleet/own-pane.ts";
import type { Fleet } from "./fleet.ts";
import {
  endWatch,
  isDeserted,
  newWatch,
  readWatch,
  tellLines,
  type Wanted,
  type Watch,
} from "./watch.ts";

export interface Tails {
  /**
   * Tells the last lines, or those after `lastId`, then every new one, until the returned function is called. Throws
   * AppError when the agent does not run.
   */
  read(agent: string, wanted: Wanted): Promise<() => void>;
}

const pollMs = 250;
const historyLines = 500;

/** No watch runs before somebody reads. */
export function createTails(ctx: Context, fleet: Fleet): Tails {
  const watches = new Map<string, Promise<Watch>>();

  const begin = async (agent: string): Promise<Watch> => {
    const { socket } = await fleet.roster();
    const look = () => lookAtPane(ctx, { socket, agent, historyLines });
    const first = await look();
    if (first === undefined || first.isDead) throw notRunning(agent);
    const lines = first.lines.slice(-historyLines);
    const watch = newWatch(ctx.clock, { name: ctx.randomHex(8), lines });
    let followed = startFollowing(lines);
    const step = async (): Promise<string | undefined> => {
      const seen = await look();
      if (seen === undefined || seen.isDead) {
        tellLines(watch, untold(followed));
        return `${agent} has ended`;
      }
      const next = follow(followed, seen.lines.slice(-historyLines));
      ({ followed } = next);
      tellLines(watch, next.fresh);
      return undefined;
    };
    void run(watch, step).finally(() => watches.delete(agent));
    return watch;
  };

  const run = async (watch: Watch, step: () => Promise<string | undefined>): Promise<void> => {
    let reason: string | undefined;
    while (reason === undefined) {
      await ctx.clock.sleep(pollMs);
      if (isDeserted(watch, ctx.clock)) reason = "nobody reads";
      else reason = await step().catch(faultOf);
    }
    endWatch(watch, reason);
  };

  /** A watch that nobody reads may not have noticed yet. */
  const mustLive = async (agent: string): Promise<void> => {
    const { socket } = await fleet.roster();
    const seen = await lookAtPane(ctx, { socket, agent, historyLines: 0 });
    if (seen === undefined || seen.isDead) throw notRunning(agent);
  };

  return {
    async read(agent, wanted) {
      let pending = watches.get(agent);
      if (pending === undefined) {
        pending = begin(agent);
        watches.set(agent, pending);
        pending.catch(() => watches.delete(agent));
      }
      const watch = await pending;
      if (watch.readers.size === 0) await mustLive(agent);
      if (watch.hasEnded) throw notRunning(agent);
      return readWatch(ctx.clock, watch, wanted);
    },
  };
}

function faultOf(error: unknown): string {
  if (error instanceof AppError) return error.message;
  throw error;
}
