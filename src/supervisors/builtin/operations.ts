// Starts, stops and restarts that are under way, so that the one who asked can hear of each agent as soon as it is
// done: a fleet takes long, and an answer over HTTP comes at once.
import type { Context } from "../../context.ts";
import type { AgentOutcome } from "../supervisor.ts";

/** What has become of an operation since its asker last heard. */
export interface Progress {
  operation: string;
  outcomes: AgentOutcome[];
  isDone: boolean;
}

export interface Operations {
  /** Begins one: `work` is called for each item, all at the same time. */
  begin<Item>(items: readonly Item[], work: (item: Item) => Promise<AgentOutcome>): string;
  /** Waits for news beyond the first `seen`; undefined for an operation that nobody knows. */
  news(operation: string, seen: number): Promise<Progress | undefined>;
}

/** Shorter than the patience of any asker; without news it simply asks again. */
const waitMs = 20_000;

/** News that come close upon each other are told together. */
const gatherMs = 50;

/** An asker that went away never fetches the end of its operation. */
const maxKept = 100;

interface Operation {
  outcomes: AgentOutcome[];
  done: Promise<unknown>;
  isDone: boolean;
  /** The first fault of its work; whoever asks for news is told. */
  fault: { error: unknown } | undefined;
  next: PromiseWithResolvers<void>;
}

/** None yet. */
export function createOperations(ctx: Context): Operations {
  const all = new Map<string, Operation>();
  return {
    begin(items, work) {
      const operation: Operation = {
        outcomes: [],
        done: Promise.resolve(),
        isDone: false,
        fault: undefined,
        next: Promise.withResolvers(),
      };
      const one = async (item: (typeof items)[number]): Promise<void> => {
        try {
          operation.outcomes.push(await work(item));
        } catch (error) {
          // Not thrown on: between two questions nobody waits, and a rejection that nobody awaits ends the program.
          operation.fault ??= { error };
        }
        operation.next.resolve();
        operation.next = Promise.withResolvers();
      };
      operation.done = Promise.all(items.map(one)).then(() => (operation.isDone = true));
      const id = ctx.randomHex(16);
      all.set(id, operation);
      for (const old of [...all.keys()].slice(0, -maxKept)) all.delete(old);
      return id;
    },
    async news(id, seen) {
      const operation = all.get(id);
      if (operation === undefined) return undefined;
      const { done } = operation;
      if (operation.outcomes.length <= seen) {
        await Promise.race([done, operation.next.promise, ctx.clock.sleep(waitMs)]);
      }
      await Promise.race([done, ctx.clock.sleep(gatherMs)]);
      if (operation.isDone && operation.fault !== undefined) throw operation.fault.error;
      return { operation: id, outcomes: operation.outcomes.slice(seen), isDone: operation.isDone };
    },
  };
}
