// Whether the gateway lives, whether it can do its work, and its counters.
import * as v from "valibot";
import { hasAdmin } from "../store/users.ts";
import { openRoute, route } from "./route.ts";

const checkSchema = v.picklist(["ok", "missing", "down"]);

export const systemRoutes = [
  openRoute({
    method: "GET",
    path: "/healthz",
    summary: "whether the gateway lives; asks nobody else",
    answer: {
      status: 200,
      schema: v.strictObject({
        status: v.literal("live"),
        instance: v.string(),
        version: v.string(),
      }),
    },
    async handle({ gateway: { instance, ctx } }) {
      return { status: 200, body: { status: "live", instance, version: ctx.host.version } };
    },
  }),
  openRoute({
    method: "GET",
    path: "/readyz",
    summary:
      "whether it can do its work: 503 when it cannot, and 200 with `degraded` when it can do less",
    answer: {
      status: 200,
      schema: v.strictObject({
        status: v.picklist(["ready", "degraded", "unready"]),
        instance: v.string(),
        checks: v.strictObject({
          store: checkSchema,
          admin: checkSchema,
          bus: checkSchema,
          messages: checkSchema,
        }),
      }),
    },
    async handle({ gateway }) {
      const admin = await hasAdmin(gateway.sql).then(
        (has) => (has ? "ok" : "missing"),
        () => "down",
      );
      const store = admin === "down" ? "down" : "ok";
      const bus = gateway.bus.state === "down" ? "down" : "ok";
      // state.db of this host: without it no message is taken.
      const messages = gateway.messages.isUp() ? "ok" : "down";
      // Without Valkey everything is done, but each gateway counts and hears alone.
      const able = bus === "ok" ? "ready" : "degraded";
      const status = [store, admin, messages].every((check) => check === "ok") ? able : "unready";
      const body = { status, instance: gateway.instance, checks: { store, admin, bus, messages } };
      return {
        status: status === "unready" ? 503 : 200,
        body,
        ...(status === "unready" ? { headers: { "retry-after": "2" } } : {}),
      };
    },
  }),
  route({
    method: "GET",
    path: "/metrics",
    summary: "counters in the text format of Prometheus",
    access: "metrics:read",
    answer: { status: 200, type: "text/plain" },
    async handle({ gateway }) {
      const { metrics, streams, startedAt, ctx } = gateway;
      const text = metrics.text({
        mosaic_streams: streams.count,
        mosaic_bus_up: Number(gateway.bus.state !== "down"),
        mosaic_uptime_seconds: Math.round((ctx.clock.now() - startedAt) / 1000),
        mosaic_schema_version: gateway.schemaVersion,
      });
      return new Response(text, { headers: { "content-type": "text/plain; version=0.0.4" } });
    },
  }),
];
