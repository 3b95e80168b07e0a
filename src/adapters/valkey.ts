// Valkey or Redis through Bun.RedisClient. Its own reconnecting is not used: it forgets subscriptions without a word, and
// gives up for good after half a minute (research/bun.md A5). Here a lost connection is thrown away and a new one is made, for
// ever, and what is subscribed is proven again and again: each link has to hear what it publishes itself.
import type { Valkey } from "../context.ts";
import { AppError, exitCodes } from "../errors.ts";

/** An answer that takes longer is none: whoever asked goes on without. */
const answerMs = 1_000;

/** Between two proofs that a link works, and how long one may take. */
const pulseMs = 500;
const silenceMs = 2_000;

/** Between two tries to connect. */
const firstPauseMs = 100;
const maxPauseMs = 1_000;

/** One pair of connections: a subscriber can ask nothing else (valkey.io/topics/pubsub). */
interface Link {
  commands: Bun.RedisClient;
  subscriber: Bun.RedisClient;
  /** Resolves once the link is of no use any more. */
  lost: Promise<void>;
  fail(): void;
}

type Listeners = Map<string, Set<(text: string) => void>>;

/** As Context.connectValkey says. The URL may hold a password and stands in no error. */
export async function connectValkey(url: string): Promise<Valkey> {
  const listeners: Listeners = new Map();
  const onUps: (() => void)[] = [];
  const closed = Promise.withResolvers<void>();
  const stop = new AbortController();
  let link: Link | undefined;

  const keepLinked = async (firstTry: () => void): Promise<void> => {
    let pauseMs = firstPauseMs;
    while (!stop.signal.aborted) {
      const opened = await openLink(url, listeners);
      if (opened !== undefined && !stop.signal.aborted) {
        link = opened;
        pauseMs = firstPauseMs;
        firstTry();
        for (const work of onUps) work();
        await Promise.race([opened.lost, closed.promise]);
        link = undefined;
      }
      firstTry();
      opened?.fail();
      await pause(pauseMs, closed.promise);
      pauseMs = Math.min(2 * pauseMs, maxPauseMs);
    }
  };
  const first = Promise.withResolvers<void>();
  const ended = keepLinked(first.resolve);
  await first.promise;

  return {
    get isUp() {
      return link !== undefined;
    },
    async send(command, ...words) {
      const used = link;
      if (used === undefined) throw away();
      const answer = await soon(used.commands.send(command, words));
      if ("value" in answer) return answer.value;
      if (answer.error === undefined || isConnectionLost(answer.error)) used.fail();
      throw away(answer.error);
    },
    subscribe(channel, hear) {
      const heard = listeners.get(channel) ?? new Set();
      listeners.set(channel, heard.add(hear));
      if (heard.size === 1) link?.subscriber.subscribe(channel, tellAll(listeners)).catch(ignore);
      return () => {
        heard.delete(hear);
        if (heard.size > 0 || listeners.get(channel) !== heard) return;
        listeners.delete(channel);
        link?.subscriber.unsubscribe(channel).catch(ignore);
      };
    },
    onUp: (work) => void onUps.push(work),
    async [Symbol.asyncDispose]() {
      stop.abort();
      closed.resolve();
      await ended;
    },
  };
}

/** undefined when it cannot be reached, or refuses us. */
async function openLink(url: string, listeners: Listeners): Promise<Link | undefined> {
  const address = url.replace(/^valkey/, "redis");
  const make = (): Bun.RedisClient =>
    new Bun.RedisClient(address, {
      autoReconnect: false,
      enableOfflineQueue: false,
      connectionTimeout: answerMs,
    });
  const lost = Promise.withResolvers<void>();
  const link = { commands: make(), subscriber: make(), lost: lost.promise, fail };
  const over = new AbortController();
  function fail(): void {
    if (over.signal.aborted) return;
    over.abort();
    lost.resolve();
    for (const client of [link.commands, link.subscriber]) client.close();
  }
  const pulse = `mosaic:pulse:${crypto.randomUUID()}`;
  let heardAt = performance.now();
  const opened = await soon(
    (async () => {
      for (const client of [link.commands, link.subscriber]) {
        Object.assign(client, { onclose: fail });
        // A wrong password shows only at the first command.
        await client.connect();
        await client.send("PING", []);
      }
      await link.subscriber.subscribe(pulse, () => (heardAt = performance.now()));
      for (const channel of listeners.keys()) {
        await link.subscriber.subscribe(channel, tellAll(listeners));
      }
    })(),
  );
  if (!("value" in opened)) {
    fail();
    return undefined;
  }
  void (async () => {
    while (!over.signal.aborted) {
      link.commands.send("PUBLISH", [pulse, ""]).catch(fail);
      await pause(pulseMs, lost.promise);
      if (performance.now() - heardAt > silenceMs) fail();
    }
  })();
  return link;
}

function tellAll(listeners: Listeners): (text: string, channel: string) => void {
  return (text, channel) => {
    for (const hear of listeners.get(channel) ?? []) hear(text);
  };
}

/** Its value, its error, or neither when it took too long. */
async function soon(
  asked: Promise<unknown>,
): Promise<{ value: unknown } | { error: Error | undefined }> {
  const late = Promise.withResolvers<{ error: undefined }>();
  const timer = setTimeout(() => late.resolve({ error: undefined }), answerMs);
  try {
    return await Promise.race([
      asked.then(
        (value) => ({ value }),
        (error: unknown) => ({ error: error instanceof Error ? error : new Error(String(error)) }),
      ),
      late.promise,
    ]);
  } finally {
    clearTimeout(timer);
  }
}

async function pause(ms: number, until: Promise<void>): Promise<void> {
  const over = Promise.withResolvers<void>();
  const timer = setTimeout(over.resolve, ms);
  await Promise.race([over.promise, until]);
  clearTimeout(timer);
}

/** An error reply concerns the command; everything else the connection. */
function isConnectionLost(error: Error): boolean {
  return !("code" in error) || error.code !== "ERR_REDIS_SERVER_ERROR";
}

function away(cause?: Error): AppError {
  return new AppError("Valkey cannot be used now", {
    exitCode: exitCodes.busy,
    hint: "see whether it runs, and whether MOSAIC_VALKEY_URL names it",
    cause,
  });
}

/** A connection that cannot subscribe is about to be thrown away, and the next one subscribes to everything. */
function ignore(): void {}
