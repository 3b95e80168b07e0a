// The description of the API (spec.openapis.org/oas/v3.1.0), made from the table of routes. Pure.
import { toJsonSchema } from "@valibot/to-json-schema";
import type * as v from "valibot";
import { scopes } from "../domain/roles.ts";
import type { Route } from "./routes/route.ts";

const problem = { $ref: "#/components/responses/Problem" };

/** The whole document; it says nothing of the host that serves it. */
export function openapiDocument(routes: readonly Route[], version: string) {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const route of routes) {
    paths[route.path] = { ...paths[route.path], [route.method.toLowerCase()]: operationOf(route) };
  }
  return {
    openapi: "3.1.0",
    info: { title: "Mosaic gateway", version },
    paths,
    components: {
      securitySchemes: {
        session: { type: "apiKey", in: "cookie", name: "mosaic_session" },
        token: { type: "http", scheme: "bearer", description: scopeWords() },
      },
      responses: {
        Problem: {
          description: "why it was not done (RFC 9457); 429 and 503 come with Retry-After",
          content: { "application/problem+json": { schema: problemSchema } },
        },
      },
    },
  };
}

const problemSchema = {
  type: "object",
  properties: {
    type: { type: "string" },
    title: { type: "string" },
    status: { type: "integer" },
    detail: { type: "string" },
  },
  required: ["type", "title", "status", "detail"],
};

function operationOf(route: Route) {
  const { method, path, summary, access, body, query, answer } = route;
  const isPublic = access === "public";
  const content = answer.schema === undefined ? {} : { schema: schemaOf(answer.schema, "output") };
  const hasBody = answer.schema !== undefined || answer.type !== "application/json";
  return {
    operationId: `${method.toLowerCase()}${path.replaceAll(/[^A-Za-z0-9]+(\w)?/g, (_, letter: string = "") => letter.toUpperCase())}`,
    summary,
    security: isPublic ? [] : [{ session: [] }, { token: access === "anyone" ? [] : [access] }],
    parameters: [...pathParameters(path), ...headerParameters(route), ...queryParameters(query)],
    ...(body === undefined
      ? {}
      : { requestBody: { content: { "application/json": { schema: schemaOf(body, "input") } } } }),
    responses: {
      [String(answer.status)]: {
        description: "done",
        ...(hasBody ? { content: { [answer.type]: content } } : {}),
      },
      default: problem,
    },
  };
}

function pathParameters(path: string) {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: "path",
    required: true,
    schema: { type: "string" },
  }));
}

function headerParameters({ method, path, answer }: Route) {
  if (method === "POST" && path.endsWith("/messages")) return [header("Idempotency-Key")];
  return answer.type === "text/event-stream" ? [header("Last-Event-ID")] : [];
}

function header(name: string) {
  return { name, in: "header", schema: { type: "string" } };
}

function queryParameters(query: v.GenericSchema | undefined) {
  if (query === undefined) return [];
  const { properties = {} } = schemaOf(query, "input");
  return Object.entries(properties).map(([name, schema]) => ({ name, in: "query", schema }));
}

function schemaOf(schema: v.GenericSchema, typeMode: "input" | "output") {
  const { $schema: _, ...rest } = toJsonSchema(schema, { typeMode, errorMode: "ignore" });
  return rest;
}

function scopeWords(): string {
  return Object.entries(scopes)
    .map(([scope, words]) => `${scope}: ${words}`)
    .join("; ");
}
