// What to do after the unit process of an agent (start-agent-session.sh NAME) ended. Pure; the same meaning as
// Restart=, RestartPreventExitStatus=78 and StartLimitBurst= of the systemd units, which the builtin supervisor has
// not. The growing pause after a crash is no business of this table: the script makes it at its start.
import { exitCodes } from "../errors.ts";
import type { RestartPolicy } from "./roster.ts";
import { formatDuration } from "./duration.ts";

/** How the unit process ended; one of the two is null. */
export interface UnitEnd {
  exitCode: number | null;
  /** Such as `SIGKILL`. */
  signal: string | null;
}

export interface RestartFacts {
  policy: Pick<RestartPolicy, "policy" | "burst" | "windowMs">;
  end: UnitEnd;
  /** Epoch ms of every start since the last one by a person, that one included. */
  startsMs: readonly number[];
  nowMs: number;
}

/** `stopped` is an end that was wished for; `failed` is one that a person has to look at. */
export type RestartDecision =
  | { action: "restart" }
  | { action: "stop"; state: "stopped" | "failed"; reason: string; needsPerson: boolean };

/** Why an agent is not restarted after exit status 78. */
export const configReason = "configuration or login (exit 78)";

/** Restart at once, or stay down and why. */
export function afterEnd({ policy, end, startsMs, nowMs }: RestartFacts): RestartDecision {
  if (end.exitCode === exitCodes.config) return { ...failed(configReason), needsPerson: true };
  const isClean = end.exitCode === exitCodes.ok;
  const isWanted = policy.policy === "always" || (policy.policy === "on-failure" && !isClean);
  if (!isWanted) return isClean ? stopped("it ended by itself (exit 0)") : failed(describeEnd(end));
  const starts = startsWithin(startsMs, { windowMs: policy.windowMs, nowMs });
  if (starts < policy.burst) return { action: "restart" };
  return failed(gaveUp({ starts, windowMs: policy.windowMs, lastEnd: describeEnd(end) }));
}

/** How many of the starts (epoch ms) lie in the window before now. */
export function startsWithin(
  startsMs: readonly number[],
  { windowMs, nowMs }: { windowMs: number; nowMs: number },
): number {
  return startsMs.filter((at) => nowMs - at < windowMs).length;
}

/** The reason of an agent that crashed too often, such as `gave up after 3 starts within 15m (exit 7)`. */
export function gaveUp({
  starts,
  windowMs,
  lastEnd,
}: {
  starts: number;
  windowMs: number;
  lastEnd: string;
}): string {
  const counted = `${starts} ${starts === 1 ? "start" : "starts"}`;
  return `gave up after ${counted} within ${formatDuration(windowMs)} (${lastEnd})`;
}

/** How long a start may take until it counts as failed, the longest pause after crashes included. */
export function startTimeoutMs({ backoffMaxMs }: Pick<RestartPolicy, "backoffMaxMs">): number {
  return Math.max(180_000, backoffMaxMs + 90_000);
}

/** Such as `exit 1` or `ended by SIGKILL`. */
export function describeEnd({ exitCode, signal }: UnitEnd): string {
  if (exitCode === exitCodes.busy) return "the tmux session was lost, exit 75";
  return signal === null ? `exit ${exitCode ?? "unknown"}` : `ended by ${signal}`;
}

function stopped(reason: string) {
  return { action: "stop", state: "stopped", reason, needsPerson: false } as const;
}

function failed(reason: string) {
  return { action: "stop", state: "failed", reason, needsPerson: false } as const;
}
