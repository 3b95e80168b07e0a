// Every route there is. A new one is a row of its own file; the server and the OpenAPI document follow.
import { agentRoutes } from "./agents.ts";
import { auditRoutes } from "./audit.ts";
import { messageRoutes } from "./messages.ts";
import { openRoute, type Route } from "./route.ts";
import { sessionRoutes } from "./session.ts";
import { systemRoutes } from "./system.ts";
import { tailRoutes } from "./tail.ts";
import { tokenRoutes } from "./tokens.ts";
import { userRoutes } from "./users.ts";

const described: readonly Route[] = [
  ...systemRoutes,
  ...sessionRoutes,
  ...agentRoutes,
  ...messageRoutes,
  ...tailRoutes,
  ...userRoutes,
  ...tokenRoutes,
  ...auditRoutes,
];

let document: object | undefined;

const openapiRoute = openRoute({
  method: "GET",
  path: "/api/v1/openapi.json",
  summary: "this description",
  answer: { status: 200 },
  async handle({ gateway }) {
    // Nobody else needs the library that writes schemas.
    const { openapiDocument } = await import("../openapi.ts");
    // Everybody may ask for it, and it takes a while to make.
    document ??= openapiDocument(routes, gateway.ctx.host.version);
    return { status: 200, body: document };
  },
});

export const routes: readonly Route[] = [...described, openapiRoute];
