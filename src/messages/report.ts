// A message and its receipts, as scripts read them.
import type { Tracked } from "./track.ts";

/** Times are ISO 8601, UTC. */
export function trackedJson({ message, receipts, last }: Tracked) {
  const { id, agent, label, key = null, status, answer = null, createdAt, expiresAt } = message;
  return {
    schemaVersion: 1,
    id,
    agent,
    label,
    key,
    status,
    reason: last.evidence,
    answer,
    createdAt: time(createdAt),
    expiresAt: time(expiresAt),
    receipts: receipts.map(({ at, ...receipt }) => ({ ...receipt, at: time(at) })),
  };
}

function time(at: number): string {
  return new Date(at).toISOString();
}
