// Who did what.
import * as v from "valibot";
import { listAudit } from "../store/audit.ts";
import { numberQuery, route } from "./route.ts";

const entrySchema = v.strictObject({
  seq: v.number(),
  at: v.string(),
  actor: v.string(),
  via: v.picklist(["session", "token", "cli", ""]),
  action: v.string(),
  target: v.string(),
  outcome: v.string(),
  address: v.string(),
});

export const auditRoutes = [
  route({
    method: "GET",
    path: "/api/v1/audit",
    summary: "who did what, the newest first; `before` goes on with older entries",
    access: "audit:read",
    query: v.strictObject({
      limit: numberQuery({ least: 1, most: 1000, fallback: 100 }),
      before: numberQuery({
        least: 0,
        most: Number.MAX_SAFE_INTEGER,
        fallback: Number.MAX_SAFE_INTEGER,
      }),
    }),
    answer: { status: 200, schema: v.strictObject({ entries: v.array(entrySchema) }) },
    async handle({ gateway, query: { before, limit } }) {
      const entries = await listAudit(gateway.sql, { before, limit });
      const body = {
        entries: entries.map(({ at, ...rest }) => ({ ...rest, at: new Date(at).toISOString() })),
      };
      return { status: 200, body };
    },
  }),
];
