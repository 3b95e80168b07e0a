// Streams that are open. A stream lives as long as what opened it holds: its credential is looked at twice a second, and
// at once when somebody ends it.
import type { Clock } from "../context.ts";
import type { Principal } from "./auth/principal.ts";

export interface OpenStream {
  principal: Principal;
  /** Ends it; the reason is told to the client. */
  end(reason: string): void;
}

export interface Streams {
  readonly count: number;
  countOf(userId: string): number;
  /** Until the returned function is called. */
  add(stream: OpenStream): () => void;
  /** Ends those of a session, a token or an account. */
  endOf(of: { credential: string } | { userId: string }): void;
  endAll(reason: string): void;
  /** Asks of each credential once whether it still holds; those for which nothing can be known go on. */
  review(holds: (principal: Principal) => Promise<boolean>): Promise<void>;
}

/** Each holds a connection, and lines for a reader that is slow. */
export const maxStreams = { ofAccount: 1_000, ofAll: 4_000 } as const;

/** How often credentials of open streams are looked at: what has ended ends them within a second, whoever could tell. */
export const reviewMs = 500;

const ended = "the session or token has ended";

export function createStreams(): Streams {
  const open = new Set<OpenStream>();
  const endThose = (which: (stream: OpenStream) => boolean, reason: string): void => {
    for (const stream of open) {
      if (!which(stream)) continue;
      open.delete(stream);
      stream.end(reason);
    }
  };
  return {
    get count() {
      return open.size;
    },
    countOf(userId) {
      let count = 0;
      for (const { principal } of open) if (principal.userId === userId) count += 1;
      return count;
    },
    add(stream) {
      open.add(stream);
      return () => void open.delete(stream);
    },
    endOf(of) {
      endThose(
        ({ principal }) =>
          "userId" in of ? principal.userId === of.userId : principal.credential === of.credential,
        ended,
      );
    },
    endAll: (reason) => endThose(() => true, reason),
    async review(holds) {
      const known = new Map<string, Principal>();
      for (const { principal } of open) known.set(principal.credential, principal);
      for (const [credential, principal] of known) {
        if (await holds(principal)) continue;
        endThose((stream) => stream.principal.credential === credential, ended);
      }
    },
  };
}

/** Until the signal: again and again, with a pause. What the work rejects with ends nothing. */
export async function every(
  clock: Clock,
  { ms, signal, onFault }: { ms: number; signal: AbortSignal; onFault: (error: unknown) => void },
  work: () => Promise<void>,
): Promise<void> {
  while (!signal.aborted) {
    await work().catch(onFault);
    await clock.sleep(ms, signal);
  }
}
