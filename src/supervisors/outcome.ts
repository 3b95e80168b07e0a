// What became of one agent, as every supervisor says it. Pure.
import type { AgentOutcome } from "./supervisor.ts";

/** One that needs no reason. */
export function outcome(
  name: string,
  { result, tookMs = 0 }: { result: AgentOutcome["result"]; tookMs?: number },
): AgentOutcome {
  return { name, result, reason: "", hint: "", tookMs };
}

/** One that failed for a known reason. */
export function failed(
  name: string,
  { reason, tookMs }: { reason: string; tookMs: number },
): AgentOutcome {
  return { name, result: "failed", reason, hint: `mosaic agent why ${name}`, tookMs };
}
