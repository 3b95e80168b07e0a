// The host's half of a tail that is read at another gateway of the team: reads the agent here, and tells it there.
import type { Context } from "../../context.ts";
import { AppError } from "../../errors.ts";
import type { Tails } from "../fleet/tails.ts";
import type { TailEvent } from "../fleet/watch.ts";
import { maxStreams } from "../streams.ts";
import type { Team } from "./bus.ts";
import { hostId } from "./presence.ts";
import {
  type Asked,
  askedChannel,
  askedSchema,
  leaseMs,
  readWire,
  type Told,
  toldChannel,
} from "./tail-wire.ts";

/** What a new reader gets of an agent's history. */
const firstLines = 500;

interface Relay {
  /** Of the monotonic clock: nobody reads any more from then on. */
  until: number;
  lastId: string | undefined;
  isOver: boolean;
  stop(): void;
}

export interface TailRelay {
  /** Ends what nobody asks for any more. */
  sweep(): void;
}

/** Tells whoever of the team asks. */
export function relayTails(
  ctx: Pick<Context, "clock" | "host" | "paths">,
  {
    team,
    tails,
    hasAgent,
  }: { team: Team; tails: Tails; hasAgent: (name: string) => Promise<boolean> },
): TailRelay {
  const { valkey } = team;
  const relays = new Map<string, Relay>();
  const readers = toldChannel(team, "");

  const end = (to: string, relay: Relay): void => {
    relay.isOver = true;
    relay.stop();
    if (relays.get(to) === relay) relays.delete(to);
  };
  const say = (to: string, relay: Relay, told: Told): void => {
    // What was not brought is asked for again.
    valkey.send("PUBLISH", to, JSON.stringify(told)).catch((error: unknown) => {
      if (!(error instanceof AppError)) throw error;
      end(to, relay);
    });
  };
  const begin = async ({ agent, to, lastId }: Asked, relay: Relay): Promise<void> => {
    let waiting: TailEvent[] = [];
    let isOpen = false;
    const flush = (begins: boolean): void => {
      const events = waiting;
      waiting = [];
      if (!relay.isOver) say(to, relay, { begins, events, lastId: relay.lastId });
    };
    const tell = (event: TailEvent): boolean => {
      if (relay.isOver) return false;
      if (event.kind === "line") relay.lastId = event.id;
      waiting.push(event);
      // All lines of one look are told at once.
      if (isOpen && waiting.length === 1) queueMicrotask(() => flush(false));
      return true;
    };
    if (!(await hasAgent(agent))) {
      throw new AppError(`the roster of ${ctx.host.name} has no ${agent}`);
    }
    const stop = await tails.read(agent, { lines: firstLines, lastId, reader: { tell } });
    if (relay.isOver) return stop();
    relay.stop = stop;
    isOpen = true;
    flush(true);
  };
  const hear = (asked: Asked): void => {
    const { to, again } = asked;
    if (!to.startsWith(readers)) return;
    const until = ctx.clock.monotonic() + leaseMs;
    const known = relays.get(to);
    if (known !== undefined && !again) {
      known.until = until;
      return say(to, known, { lastId: known.lastId });
    }
    if (known !== undefined) end(to, known);
    if (relays.size >= maxStreams.ofAll) return;
    const relay: Relay = { until, lastId: asked.lastId, isOver: false, stop: () => undefined };
    relays.set(to, relay);
    begin(asked, relay).catch((error: unknown) => {
      if (!(error instanceof AppError)) throw error;
      say(to, relay, { refused: error.message });
      end(to, relay);
    });
  };
  valkey.subscribe(askedChannel(team, hostId(ctx)), (text) => {
    const asked = readWire(askedSchema, text);
    if (asked !== undefined) hear(asked);
  });
  return {
    sweep() {
      const now = ctx.clock.monotonic();
      for (const [to, relay] of relays) if (relay.until <= now) end(to, relay);
    },
  };
}
