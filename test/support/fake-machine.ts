// Assets and sockets without a binary and without a kernel.
import type { Assets, Context, Sockets } from "../../src/context.ts";

/** A framework of the given texts by path. */
export function fakeAssets(texts: Record<string, string>): Assets {
  return {
    list: async () => Object.keys(texts).toSorted(),
    async read(path) {
      const text = texts[path];
      if (text === undefined) throw new Error(`no asset ${path}`);
      return new TextEncoder().encode(text);
    },
  };
}

type Handler = Parameters<Sockets["serve"]>[1];

/** Shared by all fakes, so that a command and a supervisor with a context each can talk; homes keep tests apart. */
const handlers = new Map<string, Handler>();

/** Sockets inside this process; what passes goes through JSON, as on the real ones. */
export const fakeSockets: Sockets = {
  async request(socket, request) {
    const handler = handlers.get(socket);
    if (handler === undefined) return undefined;
    const { status, body } = await handler(viaJson(request));
    return { status, body: viaJson(body ?? null) };
  },
  async serve(socket, handler) {
    handlers.set(socket, handler);
    return {
      async close() {
        if (handlers.get(socket) === handler) handlers.delete(socket);
      },
    };
  },
};

function viaJson<T>(value: T): T {
  return JSON.parse(JSON.stringify(value));
}

/** No test of a use case opens a port or talks to a database server: those have suites of their own. */
export const fakeNetwork: Pick<
  Context,
  "connectPostgres" | "connectValkey" | "serveHttp" | "httpGet"
> = {
  connectPostgres: () => Promise.reject(new Error("no PostgreSQL in a fake context")),
  connectValkey: () => Promise.reject(new Error("no Valkey in a fake context")),
  serveHttp: () => {
    throw new Error("no server in a fake context");
  },
  httpGet: async () => undefined,
};
