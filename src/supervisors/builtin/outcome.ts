// What became of one agent, in the words of the black box where it says why.
import type { Context } from "../../context.ts";
import { whyStartFailed } from "../../fleet/black-box.ts";
import type { AgentOutcome } from "../supervisor.ts";
import type { Unit } from "./unit.ts";

/** One that needs no reason. */
export function outcome(
  name: string,
  result: AgentOutcome["result"],
  tookMs: number,
): AgentOutcome {
  return { name, result, reason: "", hint: "", tookMs };
}

/** One that failed for a known reason. */
export function failed(name: string, reason: string, tookMs: number): AgentOutcome {
  return { name, result: "failed", reason, hint: `mosaic agent why ${name}`, tookMs };
}

/** Why a start failed: the black box when this start wrote it, else what the script or the policy said. */
export async function failureOf(
  ctx: Context,
  { unit, beganMs }: { unit: Unit; beganMs: number },
): Promise<AgentOutcome> {
  const tookMs = ctx.clock.now() - beganMs;
  if (unit.phase === "stopping") return failed(unit.name, "stopped while it was starting", tookMs);
  const why =
    unit.complaint || ((await whyStartFailed(ctx, { agent: unit.name, beganMs })) ?? unit.reason);
  const isTriedAgain = unit.phase === "starting" || unit.phase === "backoff";
  return failed(unit.name, isTriedAgain ? `${why}; it is being tried again` : why, tookMs);
}
