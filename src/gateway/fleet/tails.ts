// What agents show, for any number of readers at once: one look per agent, however many follow it. Each line has a number,
// and the last lines are kept, so that a reader whose connection broke goes on where it was.
import type { Context } from "../../context.ts";
import { follow, startFollowing, untold } from "../../domain/follow.ts";
import { AppError } from "../../errors.ts";
import { lookAtPane, notRunning } from "../../fleet/own-pane.ts";
import type { Fleet } from "./fleet.ts";

export type TailEvent =
  /** One settled line of the screen. `id` counts up within a watch. */
  | { kind: "line"; id: string; text: string }
  /** Lines were missed between the last one that the reader had and the next one. */
  | { kind: "gap" }
  /** The agent has ended, or can be seen no more. */
  | { kind: "end"; reason: string };

export interface TailReader {
  /** false: the reader cannot keep up, and is given up. */
  tell(event: TailEvent): boolean;
}

export interface Tails {
  /** How many read. */
  readonly readers: number;
  /**
   * Tells the last lines, or those after `lastId`, then every new one, until the returned function is called. Throws
   * AppError when the agent does not run.
   */
  read(
    agent: string,
    options: { lines: number; lastId: string | undefined; reader: TailReader },
  ): Promise<() => void>;
}

const pollMs = 250;
const historyLines = 500;

/** Lines that are kept for those who come back. */
const keptLines = 2_000;

/** After the last reader went a watch goes on for so long: a reader whose connection broke comes back. */
const lingerMs = 30_000;

interface Watch {
  /** Begins every id: numbers of another watch mean nothing here. */
  name: string;
  next: number;
  /** The kept lines; the last one has the number `next - 1`. */
  lines: string[];
  readers: Set<TailReader>;
  emptySince: number;
  hasEnded: boolean;
}

/** No watch runs before somebody reads. */
export function createTails(ctx: Context, fleet: Fleet): Tails {
  const watches = new Map<string, Promise<Watch>>();
  let readers = 0;

  const begin = async (agent: string): Promise<Watch> => {
    const { socket } = await fleet.roster();
    const look = () => lookAtPane(ctx, { socket, agent, historyLines });
    const first = await look();
    if (first === undefined || first.isDead) throw notRunning(agent);
    const lines = first.lines.slice(-historyLines);
    const watch: Watch = {
      name: ctx.randomHex(8),
      next: lines.length,
      lines: [...lines],
      readers: new Set(),
      emptySince: ctx.clock.monotonic(),
      hasEnded: false,
    };
    let followed = startFollowing(lines);
    const step = async (): Promise<string | undefined> => {
      const seen = await look();
      if (seen === undefined || seen.isDead) {
        tell(watch, untold(followed));
        return `${agent} has ended`;
      }
      const next = follow(followed, seen.lines.slice(-historyLines));
      ({ followed } = next);
      tell(watch, next.fresh);
      return undefined;
    };
    void run(watch, step).finally(() => watches.delete(agent));
    return watch;
  };

  const run = async (watch: Watch, step: () => Promise<string | undefined>): Promise<void> => {
    let reason: string | undefined;
    while (reason === undefined) {
      await ctx.clock.sleep(pollMs);
      const isIdle = watch.readers.size === 0;
      if (isIdle && ctx.clock.monotonic() - watch.emptySince > lingerMs) reason = "nobody reads";
      else reason = await step().catch(faultOf);
    }
    watch.hasEnded = true;
    for (const reader of watch.readers) reader.tell({ kind: "end", reason });
  };

  /** A watch that nobody reads may not have noticed yet. */
  const mustLive = async (agent: string): Promise<void> => {
    const { socket } = await fleet.roster();
    const seen = await lookAtPane(ctx, { socket, agent, historyLines: 0 });
    if (seen === undefined || seen.isDead) throw notRunning(agent);
  };

  return {
    get readers() {
      return readers;
    },
    async read(agent, { lines, lastId, reader }) {
      let pending = watches.get(agent);
      if (pending === undefined) {
        pending = begin(agent);
        watches.set(agent, pending);
        pending.catch(() => watches.delete(agent));
      }
      const watch = await pending;
      if (watch.readers.size === 0) await mustLive(agent);
      if (watch.hasEnded) throw notRunning(agent);
      for (const event of missed(watch, { lines, lastId })) reader.tell(event);
      watch.readers.add(reader);
      readers += 1;
      let isReading = true;
      return () => {
        if (!isReading) return;
        isReading = false;
        readers -= 1;
        watch.readers.delete(reader);
        watch.emptySince = ctx.clock.monotonic();
      };
    },
  };
}

function tell(watch: Watch, fresh: readonly string[]): void {
  for (const text of fresh) {
    const id = `${watch.name}-${watch.next}`;
    watch.next += 1;
    watch.lines.push(text);
    for (const reader of watch.readers) {
      if (!reader.tell({ kind: "line", id, text })) watch.readers.delete(reader);
    }
  }
  if (watch.lines.length > keptLines) watch.lines.splice(0, watch.lines.length - keptLines);
}

function missed(
  { name, next, lines }: Watch,
  wanted: { lines: number; lastId: string | undefined },
): TailEvent[] {
  const first = next - lines.length;
  const [watch, number] = wanted.lastId?.split("-") ?? [];
  const last = watch === name && /^\d{1,15}$/.test(number ?? "") ? Number(number) : undefined;
  const isKnown = last !== undefined && last >= first - 1 && last < next;
  const from = isKnown ? last + 1 : Math.max(first, next - wanted.lines);
  const events: TailEvent[] = wanted.lastId !== undefined && !isKnown ? [{ kind: "gap" }] : [];
  for (let index = from; index < next; index++) {
    events.push({ kind: "line", id: `${name}-${index}`, text: lines[index - first] ?? "" });
  }
  return events;
}

function faultOf(error: unknown): string {
  if (error instanceof AppError) return error.message;
  throw error;
}
