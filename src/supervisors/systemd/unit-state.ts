// What the properties of an agent's unit mean, as `systemctl show` names them (systemd 252). Pure.
import { configReason, describeEnd, gaveUp, startsWithin } from "../../domain/restart-policy.ts";
import type { RestartPolicy } from "../../domain/roster.ts";
import { exitCodes } from "../../errors.ts";
import type { SupervisedAgent } from "../supervisor.ts";

type Properties = Readonly<Record<string, string>>;

type Word = Pick<SupervisedAgent, "state" | "reason" | "needsPerson">;

/** What the unit itself does not say. */
export interface UnitHistory {
  /** undefined for an agent that the roster no longer has. */
  policy: Pick<RestartPolicy, "policy" | "burst" | "windowMs"> | undefined;
  /** Epoch ms of the starts since the last one by a person. */
  startsMs: readonly number[];
}

/** The unit's truth as a supervisor's word. */
export function stateOf(
  unit: Properties,
  history: UnitHistory,
): Word & Pick<SupervisedAgent, "sinceMs"> {
  const sinceMs = Number((unit["StateChangeTimestamp"] ?? "").replace("@", "")) * 1000 || 0;
  if (unit["ActiveState"] === "failed") {
    return { ...failureOf(unit, { ...history, failedAt: sinceMs }), sinceMs };
  }
  return { ...wordFor(unit), needsPerson: false, sinceMs };
}

function wordFor(unit: Properties): Pick<Word, "state" | "reason"> {
  const status = unit["StatusText"] ?? "";
  switch (unit["ActiveState"]) {
    case "active":
      return { state: "running", reason: "" };
    case "activating":
    case "reloading":
      // While it waits for systemd the status text is still that of the run that crashed.
      if (status.startsWith("waits")) return { state: "backoff", reason: status };
      if (unit["SubState"] === "auto-restart") {
        return { state: "backoff", reason: "restarts after a crash" };
      }
      return { state: "starting", reason: "" };
    case "deactivating":
      return { state: "stopped", reason: "stopping" };
    default:
      if (unit["LoadState"] === "not-found")
        return { state: "stopped", reason: "unit not installed" };
      return { state: "stopped", reason: "" };
  }
}

/**
 * systemd does not say that it has given up: when the limit refuses an automatic restart, Result is still that of the
 * last crash. A policy that wants a restart, and as many starts as it allows, do. NRestarts counts the refused one too.
 */
function failureOf(
  unit: Properties,
  { policy, startsMs, failedAt }: UnitHistory & { failedAt: number },
): Word {
  const isConfig = unit["ExecMainStatus"] === String(exitCodes.config);
  if (isConfig && unit["ExecMainCode"] === exited) {
    return { state: "failed", reason: configReason, needsPerson: true };
  }
  const lastEnd = lastEndOf(unit);
  if (policy !== undefined && policy.policy !== "never") {
    const { burst, windowMs } = policy;
    const counted = startsWithin(startsMs, { windowMs, nowMs: failedAt });
    const isLimit = unit["Result"] === "start-limit-hit" || Number(unit["NRestarts"] ?? 0) >= burst;
    const starts = isLimit ? Math.max(counted, burst) : counted;
    if (starts >= burst) {
      const reason = gaveUp({ starts, windowMs, lastEnd });
      return { state: "failed", reason, needsPerson: false };
    }
  }
  return { state: "failed", reason: lastEnd, needsPerson: false };
}

/** CLD_EXITED of waitid(2), as ExecMainCode shows it. */
const exited = "1";

/** signal(7), x86 and ARM: those that end a shell. */
const signalNames: Readonly<Record<string, string>> = {
  "1": "SIGHUP",
  "2": "SIGINT",
  "6": "SIGABRT",
  "9": "SIGKILL",
  "11": "SIGSEGV",
  "15": "SIGTERM",
};

function lastEndOf(unit: Properties): string {
  const result = unit["Result"] ?? "unknown";
  const status = unit["ExecMainStatus"] ?? "";
  if (result === "exit-code") return describeEnd({ exitCode: Number(status), signal: null });
  if (result === "signal" || result === "core-dump") {
    return describeEnd({ exitCode: null, signal: signalNames[status] ?? `signal ${status}` });
  }
  if (result === "timeout") return "not ready, or not ended, in time";
  return `unit failed: ${result}`;
}
