// The reader's half of a tail whose agent is on another host of the team. Lines keep the numbers that their host gave them, so
// that what is missing is seen and asked for again, and a reader may come back to any gateway with his last one.
import type { Context } from "../../context.ts";
import { AppError, exitCodes } from "../../errors.ts";
import {
  endWatch,
  isDeserted,
  newWatch,
  readId,
  readWatch,
  tellAll,
  tellLines,
  type Wanted,
  type Watch,
} from "../fleet/watch.ts";
import type { Team } from "./bus.ts";
import {
  type Asked,
  askedChannel,
  askMs,
  readWire,
  type Told,
  toldChannel,
  toldSchema,
} from "./tail-wire.ts";

/** Until a host has answered the first time it is asked more often: the channel may not be heard yet. */
const firstAskMs = 200;
const firstAnswerMs = 5_000;

/** A host that says nothing for so long, though Valkey is there, has gone. Longer than its gateway takes to restart. */
const silentMs = 20_000;

export interface RemoteTails {
  /** As Tails.read. Throws AppError: exit 75 when Valkey is away or the host does not answer, 3 when it refuses. */
  read(
    where: { host: { id: string; name: string }; agent: string },
    wanted: Wanted,
  ): Promise<() => void>;
}

export function createRemoteTails(
  ctx: Pick<Context, "clock" | "randomHex">,
  team: Team,
): RemoteTails {
  const watches = new Map<string, Promise<Watch>>();
  return {
    async read({ host, agent }, wanted) {
      const key = `${host.id} ${agent}`;
      let pending = watches.get(key);
      if (pending === undefined) {
        pending = begin(ctx, { team, host, agent, whenOver: () => watches.delete(key) });
        watches.set(key, pending);
        pending.catch(() => watches.delete(key));
      }
      const watch = await pending;
      if (watch.hasEnded) throw silent(host.name);
      return readWatch(ctx.clock, watch, wanted);
    },
  };
}

async function begin(
  { clock, randomHex }: Pick<Context, "clock" | "randomHex">,
  {
    team,
    host,
    agent,
    whenOver,
  }: { team: Team; host: { id: string; name: string }; agent: string; whenOver: () => void },
): Promise<Watch> {
  const { valkey } = team;
  if (!valkey.isUp) throw away(host.name);
  const to = toldChannel(team, randomHex(32));
  const watch = newWatch(clock, { name: "", lines: [] });
  const started = Promise.withResolvers<void>();
  let hasStarted = false;
  let isAskedAgain = false;
  let reason: string | undefined;
  let heardAt = clock.monotonic();

  const ask = (again: boolean): void => {
    const asked: Asked = { agent, to, lastId: lastIdOf(watch), again };
    const sent = valkey.send("PUBLISH", askedChannel(team, host.id), JSON.stringify(asked));
    // Asked again soon.
    sent.catch((error: unknown) => {
      if (!(error instanceof AppError)) throw error;
    });
  };
  const leave = valkey.subscribe(to, (text) => {
    const told = readWire(toldSchema, text);
    if (told === undefined || reason !== undefined) return;
    heardAt = clock.monotonic();
    if (told.refused !== undefined) {
      reason = told.refused;
      started.reject(new AppError(told.refused, { exitCode: exitCodes.notRunning }));
      return;
    }
    if (!hasStarted && !told.begins) return;
    hasStarted = true;
    if (told.begins) isAskedAgain = false;
    const taken = take(watch, told);
    if (taken.reason !== undefined) ({ reason } = taken);
    started.resolve();
    if (taken.isWhole || isAskedAgain) return;
    isAskedAgain = true;
    ask(true);
  });
  const run = async (): Promise<void> => {
    while (reason === undefined) {
      if (!valkey.isUp) heardAt = clock.monotonic();
      const silentFor = clock.monotonic() - heardAt;
      if (!hasStarted && silentFor > firstAnswerMs) started.reject(silent(host.name));
      if (silentFor > (hasStarted ? silentMs : firstAnswerMs)) reason = silent(host.name).message;
      else if (isDeserted(watch, clock)) reason = "nobody reads";
      else {
        ask(!hasStarted || isAskedAgain);
        await clock.sleep(hasStarted ? askMs : firstAskMs);
      }
    }
    leave();
    whenOver();
    endWatch(watch, reason);
  };
  void run();
  await started.promise;
  return watch;
}

/** Adds what was told. Not whole: lines before it, or behind it, are missing. */
function take(watch: Watch, { events = [], lastId }: Told): { isWhole: boolean; reason?: string } {
  let hasGap = false;
  for (const event of events) {
    if (event.kind === "end") return { isWhole: true, reason: event.reason };
    if (event.kind === "gap") hasGap = true;
    else {
      const { name, number } = readId(event.id) ?? { name: "", number: 0 };
      if (name !== watch.name || (hasGap && number > watch.next)) {
        // The first one that is told begins nothing anew for anybody.
        if (watch.name !== "") tellAll(watch, { kind: "gap" });
        Object.assign(watch, { name, next: number, lines: [] });
      }
      if (number > watch.next) return { isWhole: false };
      if (number === watch.next) tellLines(watch, [event.text]);
      hasGap = false;
    }
  }
  return { isWhole: lastId === undefined || lastId === lastIdOf(watch) };
}

function lastIdOf({ name, next }: Watch): string | undefined {
  return name === "" ? undefined : `${name}-${next - 1}`;
}

function silent(host: string): AppError {
  return new AppError(`${host} does not answer`, { exitCode: exitCodes.busy });
}

function away(host: string): AppError {
  return new AppError(`Valkey is away, through which ${host} is seen`, {
    exitCode: exitCodes.busy,
  });
}
