// Every route there is. A new one is a row of its own file; the server and the OpenAPI document follow.
import { agentRoutes } from "./agents.ts";
import { auditRoutes } from "./audit.ts";
import { messageRoutes } from "./messages.ts";
import type { Route } from "./route.ts";
import { sessionRoutes } from "./session.ts";
import { systemRoutes } from "./system.ts";
import { tailRoutes } from "./tail.ts";
import { tokenRoutes } from "./tokens.ts";
import { userRoutes } from "./users.ts";

export const routes: readonly Route[] = [
  ...systemRoutes,
  ...sessionRoutes,
  ...agentRoutes,
  ...messageRoutes,
  ...tailRoutes,
  ...userRoutes,
  ...tokenRoutes,
  ...auditRoutes,
];
