// From a request to an answer. The order of the guards is the same for every route, and each comes before the next one may
// look: name, origin, size, rate, who it is, what he may, what he wants.
import { Hono } from "hono";
import * as v from "valibot";
import type { HttpPeer } from "../context.ts";
import { readCookie } from "./auth/cookie.ts";
import { authenticate, type Principal } from "./auth/principal.ts";
import type { Gateway } from "./gateway.ts";
import { admit } from "./guards/addresses.ts";
import { maxBodyBytes, readJson } from "./guards/body.ts";
import { clientOf } from "./guards/client.ts";
import { allowCors, fixedHeaders } from "./guards/headers.ts";
import { mustTake } from "./guards/rate-limit.ts";
import { problemOf } from "./faults.ts";
import { Problem, problemResponse } from "./problem.ts";
import type { Answer, Call, Route } from "./routes/route.ts";
import { routes } from "./routes/table.ts";

const minuteMs = 60_000;

type Bound = Omit<Call<unknown, unknown>, "params" | "query" | "body"> & {
  bearer: string | undefined;
};

/** The handler for Context.serveHttp. Never rejects. */
export function createServer(
  gateway: Gateway,
): (request: Request, peer: HttpPeer) => Promise<Response> {
  const router = createRouter();
  return async (request, peer) => {
    const beganAt = gateway.ctx.clock.monotonic();
    const headers = new Headers(fixedHeaders.map(([name, value]) => [name, value]));
    let response: Response;
    try {
      response = await answer(gateway, { request, peer, headers, router });
    } catch (error) {
      response = problemResponse(problemOf(gateway, error));
    }
    for (const [name, value] of headers) response.headers.set(name, value);
    gateway.metrics.count("mosaic_requests_total", { status: String(response.status) });
    gateway.metrics.observe((gateway.ctx.clock.monotonic() - beganAt) / 1000);
    return response;
  };
}

type Env = { Bindings: Bound };

interface Incoming {
  request: Request;
  peer: HttpPeer;
  /** Of the answer, whatever it will be. */
  headers: Headers;
  router: Hono<Env>;
}

async function answer(
  gateway: Gateway,
  { request, peer, headers, router }: Incoming,
): Promise<Response> {
  const { settings, limiter } = gateway;
  const client = clientOf(peer.address, request.headers, settings.trustedProxies);
  const header = (name: string): string | undefined => request.headers.get(name) ?? undefined;
  const bearer = /^Bearer +(\S+)$/i.exec(header("authorization") ?? "")?.[1];
  const { corsOrigin } = admit(
    {
      host: header("host"),
      origin: header("origin"),
      fetchSite: header("sec-fetch-site"),
      scheme: client.scheme,
      hasCookie: bearer === undefined && readCookie(request.headers, client) !== undefined,
      method: request.method,
    },
    settings,
  );
  if (corsOrigin !== undefined) allowCors(headers, corsOrigin, settings);
  if (Number(header("content-length") ?? 0) > maxBodyBytes) {
    throw new Problem("body-too-large", `at most ${maxBodyBytes} bytes`);
  }
  const most = settings.rateLimit;
  await mustTake(limiter, { name: "address", most, windowMs: minuteMs }, client.network);
  if (corsOrigin !== undefined) {
    await mustTake(limiter, { name: "origin", most, windowMs: minuteMs }, corsOrigin);
  }
  if (request.method === "OPTIONS" && corsOrigin !== undefined) {
    return new Response(null, { status: 204 });
  }
  return await router.fetch(request, { gateway, request, peer, client, corsOrigin, bearer });
}

function createRouter(): Hono<Env> {
  const app = new Hono<Env>({ strict: true });
  for (const route of routes) {
    app.on(route.method, route.path.replaceAll(/\{(\w+)\}/g, ":$1"), (c) =>
      handle(route, { ...c.env, params: c.req.param(), rawQuery: c.req.query() }),
    );
  }
  const paths = routes.map(({ path }) => new RegExp(`^${path.replaceAll(/\{\w+\}/g, "[^/]+")}$`));
  app.notFound(({ req }) => {
    const isKnown = paths.some((path) => path.test(req.path));
    throw isKnown
      ? new Problem("method-not-allowed", `no ${req.method} here`)
      : new Problem("not-found", "see /api/v1/openapi.json for what there is");
  });
  app.onError((error) => {
    throw error;
  });
  return app;
}

async function handle(
  route: Route,
  { bearer, rawQuery, ...bound }: Bound & { params: Record<string, string>; rawQuery: object },
): Promise<Response> {
  const { gateway, request, client } = bound;
  const principal =
    route.access === "public" ? undefined : await recognise(gateway, { ...bound, bearer });
  if (principal !== undefined) {
    const limit = { name: "account", most: gateway.settings.rateLimit, windowMs: minuteMs };
    await mustTake(gateway.limiter, limit, principal.userId);
    if (
      route.access !== "anyone" &&
      route.access !== "public" &&
      !principal.scopes.has(route.access)
    ) {
      throw new Problem("forbidden", `this takes ${route.access}`);
    }
  }
  // Nobody would read the stream, and nobody would end it.
  if (request.method === "HEAD" && route.answer.type === "text/event-stream") {
    throw new Problem("method-not-allowed", "a stream has no HEAD");
  }
  const query = route.query === undefined ? {} : parse(route.query, rawQuery, "query");
  const read =
    route.method === "GET"
      ? undefined
      : await readJson(request, { clock: gateway.ctx.clock, maxBytes: route.bodyBytes });
  const body = route.body === undefined ? undefined : parse(route.body, read, "body");
  return responseOf(await route.handle({ ...bound, client, query, body }, principal));
}

async function recognise(
  { sql, ctx }: Gateway,
  { request, client, bearer }: Pick<Bound, "request" | "client" | "bearer">,
): Promise<Principal> {
  // What stands there and is no token is an attempt with a wrong one.
  const sent = bearer ?? (request.headers.has("authorization") ? "" : undefined);
  const cookie = readCookie(request.headers, client);
  const principal = await authenticate(sql, { bearer: sent, cookie }, ctx.clock.now());
  if (principal === undefined) {
    throw new Problem(
      "unauthenticated",
      "send a session cookie or Authorization: Bearer TOKEN that holds",
    );
  }
  return principal;
}

function parse(schema: v.GenericSchema, value: unknown, where: string): unknown {
  const result = v.safeParse(schema, value, { abortEarly: true });
  if (result.success) return result.output;
  const [issue] = result.issues;
  const path = v.getDotPath(issue);
  // valibot quotes what it got; that may be a password.
  const expected = issue.expected ?? issue.message;
  throw new Problem(
    "invalid-request",
    `${path === null ? where : `${where}.${path}`}: expected ${expected}`,
  );
}

function responseOf(answered: Answer): Response {
  if (answered instanceof Response) return answered;
  const { status, body, headers = {} } = answered;
  const init = { status, headers: { ...headers } };
  return body === undefined ? new Response(null, init) : Response.json(body, init);
}
