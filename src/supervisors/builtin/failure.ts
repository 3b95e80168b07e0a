// Why a start came to nothing, in the words of the black box where it says why.
import type { Context } from "../../context.ts";
import { whyStartFailed } from "../../fleet/black-box.ts";
import { failed } from "../outcome.ts";
import type { AgentOutcome } from "../supervisor.ts";
import type { Unit } from "./unit.ts";

/** Why a start failed: the black box when this start wrote it, else what the script or the policy said. */
export async function failureOf(
  ctx: Context,
  { unit, beganMs }: { unit: Unit; beganMs: number },
): Promise<AgentOutcome> {
  const tookMs = ctx.clock.now() - beganMs;
  if (unit.phase === "stopping") {
    return failed(unit.name, { reason: "stopped while it was starting", tookMs });
  }
  const why =
    unit.complaint || ((await whyStartFailed(ctx, { agent: unit.name, beganMs })) ?? unit.reason);
  const isTriedAgain = unit.phase === "starting" || unit.phase === "backoff";
  const reason = isTriedAgain ? `${why}; it is being tried again` : why;
  return failed(unit.name, { reason, tookMs });
}
