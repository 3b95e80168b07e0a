// Headers of answers: those that all have, and those for the one other origin.
import type { GatewaySettings } from "../settings.ts";

/** What every answer carries: nobody keeps it, frames it, or takes it for something else. */
export const fixedHeaders: readonly (readonly [string, string])[] = [
  ["cache-control", "no-store"],
  ["content-security-policy", "default-src 'none'; frame-ancestors 'none'"],
  ["cross-origin-resource-policy", "same-origin"],
  ["referrer-policy", "no-referrer"],
  ["x-content-type-options", "nosniff"],
];

/** Credentials count only for an origin that somebody asked for. */
export function allowCors(
  headers: Headers,
  corsOrigin: string,
  { isCorsExplicit }: Pick<GatewaySettings, "isCorsExplicit">,
): void {
  headers.set("access-control-allow-origin", corsOrigin);
  headers.set("vary", "Origin");
  headers.set("access-control-allow-methods", "GET, POST, PATCH, DELETE");
  headers.set(
    "access-control-allow-headers",
    "authorization, content-type, idempotency-key, last-event-id",
  );
  headers.set("access-control-max-age", "600");
  headers.set("cross-origin-resource-policy", "cross-origin");
  if (isCorsExplicit) headers.set("access-control-allow-credentials", "true");
}
