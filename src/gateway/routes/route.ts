// What a route is: data beside its handler. The server, the OpenAPI document and its test walk the same table.
import * as v from "valibot";
import type { HttpPeer } from "../../context.ts";
import type { Scope } from "../../domain/roles.ts";
import type { Principal } from "../auth/principal.ts";
import type { Gateway } from "../gateway.ts";
import { usualBodyBytes } from "../guards/body.ts";
import type { Client } from "../guards/client.ts";

export interface Call<Body, Query> {
  gateway: Gateway;
  request: Request;
  peer: HttpPeer;
  client: Client;
  /** The one other origin that may read the answer. */
  corsOrigin: string | undefined;
  /** Parts of the path by name, decoded. */
  params: Readonly<Record<string, string>>;
  query: Query;
  body: Body;
}

/** What stands in the answer, or the whole of it. */
export type Answer =
  | { status: number; body?: unknown; headers?: Readonly<Record<string, string>> }
  | Response;

/** `public`: also for those whom nobody knows; `anyone`: for every account; else the scope that it takes. */
export type Access = "public" | "anyone" | Scope;

export interface Route {
  method: "GET" | "POST" | "PATCH" | "DELETE";
  /** With `{name}` for a part that varies. */
  path: string;
  summary: string;
  access: Access;
  body: v.GenericSchema | undefined;
  /** What its body may have at most. */
  bodyBytes: number;
  query: v.GenericSchema | undefined;
  answer: { status: number; type: string; schema: v.GenericSchema | undefined };
  handle(call: Call<unknown, unknown>, principal: Principal | undefined): Promise<Answer>;
}

interface Spec<Body, Query> {
  method: Route["method"];
  path: string;
  summary: string;
  body?: v.GenericSchema<unknown, Body>;
  /** Default: what any body without a text of its own needs. */
  bodyBytes?: number;
  query?: v.GenericSchema<unknown, Query>;
  /** Of the answer when all went well; without a schema it has no body, or is no JSON. */
  answer: { status: number; type?: string; schema?: v.GenericSchema };
}

/** For everybody, known or not. */
export function openRoute<Body = undefined, Query = object>(
  spec: Spec<Body, Query> & { handle(call: Call<Body, Query>): Promise<Answer> },
): Route {
  return routeOf(spec, "public", (call) => spec.handle(call));
}

/** For those whom the server has recognised, and who may. */
export function route<Body = undefined, Query = object>(
  spec: Spec<Body, Query> & {
    access: Exclude<Access, "public">;
    handle(call: Call<Body, Query>, principal: Principal): Promise<Answer>;
  },
): Route {
  return routeOf(spec, spec.access, (call, principal) => {
    if (principal === undefined) throw new Error(`${spec.path} was reached by nobody`);
    return spec.handle(call, principal);
  });
}

function routeOf<Body, Query>(
  spec: Spec<Body, Query>,
  access: Access,
  handle: (call: Call<Body, Query>, principal: Principal | undefined) => Promise<Answer>,
): Route {
  const { method, path, summary, body, query, answer, bodyBytes = usualBodyBytes } = spec;
  const { status, type = "application/json", schema } = answer;
  return {
    method,
    path,
    summary,
    access,
    body,
    bodyBytes,
    query,
    answer: { status, type, schema },
    // The server has parsed both by these very schemas.
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the table has one type for all
    handle: (call, principal) => handle(call as Call<Body, Query>, principal),
  };
}

/** A whole number of a query, with its bounds and what it is without one. */
export function numberQuery({
  least,
  most,
  fallback,
}: {
  least: number;
  most: number;
  fallback: number;
}) {
  const words = `a number from ${least} to ${most}`;
  return v.optional(
    v.pipe(
      v.string(),
      v.regex(/^\d{1,16}$/, words),
      v.transform(Number),
      v.minValue(least, words),
      v.maxValue(most, words),
    ),
    String(fallback),
  );
}
