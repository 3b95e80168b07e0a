// The screen of an agent as a stream of events (html.spec.whatwg.org, Server-sent events). A reader that comes back with
// Last-Event-ID gets what it missed.
import * as v from "valibot";
import { findAgent } from "../bus/find-agent.ts";
import type { TailEvent } from "../fleet/watch.ts";
import { Problem } from "../problem.ts";
import { maxStreams } from "../streams.ts";
import { numberQuery, route } from "./route.ts";

/** Proxies and browsers end what is silent. */
const keepAliveMs = 15_000;

/** Events that wait for a slow reader; then it is cut, and may come back with its last id. */
const maxWaitingEvents = 4_000;

export const tailRoutes = [
  route({
    method: "GET",
    path: "/api/v1/agents/{name}/tail",
    summary:
      "the screen of an agent of any host, line by line, as server-sent events: line, gap, end",
    access: "agents:read",
    query: v.strictObject({
      lines: numberQuery({ least: 0, most: 500, fallback: 50 }),
      /** Of the team: its name or its id. */
      host: v.optional(v.pipe(v.string(), v.minLength(1), v.maxLength(253))),
    }),
    answer: { status: 200, type: "text/event-stream" },
    async handle({ gateway, params: { name = "" }, query, request, peer }, principal) {
      const { ctx, tails, remoteTails, streams } = gateway;
      const where = await findAgent(gateway, { name, host: query.host });
      const lastId = request.headers.get("last-event-id") ?? undefined;
      const sink = eventSink();
      const reader = {
        tell(event: TailEvent) {
          const isKept = sink.send(eventText(event));
          if (event.kind === "end") sink.end();
          return isKept;
        },
      };
      const wanted = { lines: query.lines, lastId, reader };
      const stop =
        where === "here"
          ? await tails.read(name, wanted)
          : await remoteTails?.read({ host: where, agent: name }, wanted);
      if (stop === undefined) throw new Error("another host without a team");
      // Nothing is waited for between this look and the entry.
      const isFull = streams.countOf(principal.userId) >= maxStreams.ofAccount;
      if (isFull || streams.count >= maxStreams.ofAll) {
        stop();
        throw new Problem("too-many-requests", "too many streams are open", {
          retryAfterSeconds: 5,
        });
      }
      // Only now: a connection that got no stream ends when it is idle.
      peer.keepOpen();
      const remove = streams.add({
        principal,
        end(reason) {
          sink.send(eventText({ kind: "end", reason }));
          sink.end();
        },
      });
      const pulse = new AbortController();
      void (async () => {
        while (!pulse.signal.aborted) {
          await ctx.clock.sleep(keepAliveMs, pulse.signal);
          if (!pulse.signal.aborted) sink.send(": keep-alive\n\n");
        }
      })();
      sink.onEnd(() => {
        pulse.abort();
        stop();
        remove();
      });
      request.signal.addEventListener("abort", () => sink.end());
      // Of one that left before, nothing more is heard.
      if (request.signal.aborted) sink.end();
      return new Response(sink.stream, {
        headers: { "content-type": "text/event-stream; charset=utf-8", "x-accel-buffering": "no" },
      });
    },
  }),
];

function eventText(event: TailEvent): string {
  if (event.kind === "line") {
    return `id: ${event.id}\nevent: line\ndata: ${JSON.stringify({ text: event.text })}\n\n`;
  }
  const data = event.kind === "end" ? { reason: event.reason } : {};
  return `event: ${event.kind}\ndata: ${JSON.stringify(data)}\n\n`;
}

/** A stream that can be written to from outside, and that ends from either side, once. */
function eventSink() {
  const encoder = new TextEncoder();
  let controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  let whenEnded: (() => void) | undefined;
  let hasEnded = false;
  const finish = (close: boolean): void => {
    if (hasEnded) return;
    hasEnded = true;
    if (close) controller?.close();
    whenEnded?.();
  };
  const stream = new ReadableStream<Uint8Array>(
    {
      start(own) {
        controller = own;
        // Tells the client when to come back, and that it is connected.
        own.enqueue(encoder.encode("retry: 1000\n\n"));
      },
      cancel: () => finish(false),
    },
    { highWaterMark: maxWaitingEvents },
  );
  return {
    stream,
    send(text: string): boolean {
      if (hasEnded || controller === undefined) return false;
      if ((controller.desiredSize ?? 0) <= 0) {
        finish(true);
        return false;
      }
      controller.enqueue(encoder.encode(text));
      return true;
    },
    end: () => finish(true),
    onEnd(work: () => void): void {
      if (hasEnded) work();
      else whenEnded = work;
    },
  };
}
