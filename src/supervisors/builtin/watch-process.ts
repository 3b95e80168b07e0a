// A tmux server that is not our child, because a supervisor before us started it: when it dies, and how it is killed.
import type { Context } from "../../context.ts";

/** One process of the tmux server. */
export interface ServerProcess {
  pid: number;
  /** Started by us, and not by a supervisor before us. */
  isNew: boolean;
  /** Resolves when it has died. */
  gone: Promise<void>;
  /** Looks now instead of at the next turn. */
  look(): void;
  /** SIGKILL, to this process and no later one of its pid. */
  kill(): Promise<void>;
}

/** Nothing tells us of the death of a server that is not our child; the agents' scripts do, and call look(). */
const adoptedPollMs = 1000;

/** After a call of look() the process may still be on its way out: this many looks follow in quick order. */
const quickLooks = 20;
const quickPollMs = 25;

/** Watches a process that lives now. */
export function watchProcess(ctx: Context, pid: number): ServerProcess {
  let wake = new AbortController();
  let quick = 0;
  const first = ctx.processes.one(pid);
  /** The same pid with another start is another process, and a zombie is dead. */
  const isThere = async (): Promise<boolean> => {
    const now = await ctx.processes.one(pid);
    return now !== undefined && now.state !== "Z" && now.startTicks === (await first)?.startTicks;
  };
  const watch = async (): Promise<void> => {
    while (await isThere()) {
      wake = new AbortController();
      await ctx.clock.sleep(quick-- > 0 ? quickPollMs : adoptedPollMs, wake.signal);
    }
  };
  const look = (): void => {
    quick = quickLooks;
    wake.abort();
  };
  const kill = async (): Promise<void> => {
    if (await isThere()) ctx.processes.signal(pid, "SIGKILL");
  };
  return { pid, isNew: false, gone: watch(), look, kill };
}
