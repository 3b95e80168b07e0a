// One supervised agent as a state machine. Pure: agents.ts tells it what happened and does what it says.
import { afterEnd, type UnitEnd } from "../../domain/restart-policy.ts";
import type { RestartPolicy } from "../../domain/roster.ts";
import type { SupervisedAgent } from "../supervisor.ts";

/** stopping: a stop is under way; the others are those of SupervisedAgent. */
export type Phase = SupervisedAgent["state"] | "stopping";

export interface Unit {
  name: string;
  policy: RestartPolicy;
  phase: Phase;
  reason: string;
  /** failed, and restarting cannot help. */
  needsPerson: boolean;
  /** Since the last start by a person. */
  restarts: number;
  /** Epoch ms since when it is in this phase. */
  sinceMs: number;
  /** Epoch ms of the starts since the last one by a person. */
  startsMs: readonly number[];
  /** What the script last said to be wrong; the reason when it ends over it. */
  complaint: string;
  /** Its last start found it alive, and only took it over. */
  isAdopted: boolean;
}

export type UnitEvent =
  /** By a person, or at our own start. */
  | { kind: "start"; policy: RestartPolicy }
  /** One line of the script. */
  | { kind: "line"; line: string }
  /** Somebody else holds its restart lock. */
  | { kind: "waiting"; why: string }
  /** It was not ready in time and is being ended. */
  | { kind: "late"; afterMs: number }
  /** So often it was restarted under the supervisor before us. */
  | { kind: "counted"; restarts: number }
  /** The script ended. */
  | { kind: "ended"; end: UnitEnd }
  | { kind: "stop" }
  /** Nothing is left of it. */
  | { kind: "stopped" };

export interface Step {
  unit: Unit;
  /** Run the script now. */
  spawn: boolean;
}

/** An agent that nobody has started yet. */
export function newUnit(name: string, policy: RestartPolicy): Unit {
  return {
    name,
    policy,
    phase: "stopped",
    reason: "",
    needsPerson: false,
    restarts: 0,
    sinceMs: 0,
    startsMs: [],
    complaint: "",
    isAdopted: false,
  };
}

/** The unit after an event, and whether its script has to run. */
export function step(unit: Unit, event: UnitEvent, nowMs: number): Step {
  const to = (phase: Phase, rest: Partial<Unit> = {}): Step => ({
    unit: {
      ...unit,
      reason: "",
      needsPerson: false,
      ...rest,
      phase,
      sinceMs: phase === unit.phase ? unit.sinceMs : nowMs,
    },
    spawn: false,
  });
  switch (event.kind) {
    case "start": {
      const fresh = {
        policy: event.policy,
        restarts: 0,
        startsMs: [nowMs],
        complaint: "",
        isAdopted: false,
      };
      return { ...to("starting", fresh), spawn: true };
    }
    case "line":
      return { unit: afterLine(unit, event.line, nowMs), spawn: false };
    case "waiting":
      return to(unit.phase, { reason: `waits for its restart lock: ${event.why}` });
    case "late":
      return to(unit.phase, { complaint: `not ready after ${Math.round(event.afterMs / 1000)} s` });
    case "counted":
      return { unit: { ...unit, restarts: event.restarts }, spawn: false };
    case "ended":
      return unit.phase === "stopping" ? to("stopping") : afterUnitEnd(unit, event.end, nowMs);
    case "stop":
      return to("stopping");
    case "stopped":
      return to("stopped", { complaint: "", restarts: 0, startsMs: [] });
    default:
      return event satisfies never;
  }
}

/** What a supervisor tells of it. */
export function supervised({ phase, ...unit }: Unit): SupervisedAgent {
  const { name, needsPerson, restarts, sinceMs } = unit;
  const isStopping = phase === "stopping";
  const state = isStopping ? "stopped" : phase;
  const reason = isStopping ? "stopping" : unit.reason;
  return { name, state, reason, needsPerson, restarts, sinceMs };
}

/** The words are those of start-agent-session.sh: `NAME: ready …`, `NAME: backoff …`, `mosaic: NAME: what is wrong`. */
function afterLine(unit: Unit, line: string, nowMs: number): Unit {
  if (unit.phase === "stopping") return unit;
  if (line.startsWith(`${unit.name}: ready `)) {
    return { ...unit, phase: "running", reason: "", complaint: "", sinceMs: nowMs };
  }
  if (line === `${unit.name}: adopts the living session`) return { ...unit, isAdopted: true };
  if (line.startsWith(`${unit.name}: backoff `)) {
    const pause = line.slice(`${unit.name}: backoff `.length);
    return { ...unit, phase: "backoff", reason: `waits ${pause}`, sinceMs: nowMs };
  }
  const complaint = `mosaic: ${unit.name}: `;
  return line.startsWith(complaint) ? { ...unit, complaint: line.slice(complaint.length) } : unit;
}

function afterUnitEnd(unit: Unit, end: UnitEnd, nowMs: number): Step {
  const { policy, startsMs } = unit;
  // Ended by us for being late, the script reports a clean stop; it was none.
  const isLate = unit.complaint.startsWith("not ready") && end.exitCode === 0;
  const told = isLate ? { exitCode: 1, signal: null } : end;
  const decision = afterEnd({ policy, end: told, startsMs, nowMs });
  if (decision.action === "restart") {
    const recent = startsMs.filter((at) => nowMs - at < policy.windowMs);
    const restarts = unit.restarts + 1;
    const next = {
      ...unit,
      restarts,
      isAdopted: false,
      startsMs: [...recent, nowMs],
      reason: unit.complaint,
    };
    return { unit: { ...next, phase: "starting", sinceMs: nowMs }, spawn: true };
  }
  const reason = [decision.reason, unit.complaint].filter((text) => text !== "").join(": ");
  const { state: phase, needsPerson } = decision;
  return { unit: { ...unit, phase, reason, needsPerson, sinceMs: nowMs }, spawn: false };
}
