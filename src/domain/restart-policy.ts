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
  | { action: "stop"; state: "stopped" | "failed"; reason: string };

/** Restart at once, or stay down and why. */
export function afterEnd({ policy, end, startsMs, nowMs }: RestartFacts): RestartDecision {
  // The words are what agent-state.ts takes for "a person must act".
  if (end.exitCode === exitCodes.config) return failed("configuration or login (exit 78)");
  const isClean = end.exitCode === exitCodes.ok;
  const isWanted = policy.policy === "always" || (policy.policy === "on-failure" && !isClean);
  if (!isWanted) return isClean ? stopped("it ended by itself (exit 0)") : failed(describeEnd(end));
  const recent = startsMs.filter((at) => nowMs - at < policy.windowMs).length;
  if (recent >= policy.burst) {
    const starts = `${recent} ${recent === 1 ? "start" : "starts"}`;
    return failed(
      `${starts} in ${formatDuration(policy.windowMs)}, so it stays down; last: ${describeEnd(end)}`,
    );
  }
  return { action: "restart" };
}

/** Such as `exit 1` or `ended by SIGKILL`. */
export function describeEnd({ exitCode, signal }: UnitEnd): string {
  if (exitCode === exitCodes.busy) return "the tmux session was lost (exit 75)";
  return signal === null ? `exit ${exitCode ?? "unknown"}` : `ended by ${signal}`;
}

function stopped(reason: string): RestartDecision {
  return { action: "stop", state: "stopped", reason };
}

function failed(reason: string): RestartDecision {
  return { action: "stop", state: "failed", reason };
}
