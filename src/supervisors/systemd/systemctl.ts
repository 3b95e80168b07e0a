// What systemctl is asked and what its answers mean. Pure, but for the one exec in systemctl().
import type { Context, ExecResult } from "../../context.ts";
import { agentUnit } from "../../domain/names.ts";
import type { SupervisedAgent } from "../supervisor.ts";

const shownProperties = [
  "Id",
  "LoadState",
  "ActiveState",
  "SubState",
  "Result",
  "ExecMainStatus",
  "StatusText",
  "StateChangeTimestamp",
];

/** Runs `systemctl --user …`; starts wait for readiness and so may take minutes. */
export async function systemctl(ctx: Context, ...args: string[]): Promise<ExecResult> {
  return ctx.exec(["systemctl", "--user", ...args], { timeoutMs: 300_000 });
}

/** argv (after `systemctl --user`) that shows the agents' units. */
export function showArgs(names: readonly string[]): string[] {
  return [
    "show",
    "--timestamp=unix",
    `--property=${shownProperties.join(",")}`,
    "--",
    ...names.map(agentUnit),
  ];
}

/** Blocks of `Key=value` lines, one per unit, as `systemctl show` prints them. */
export function parseShow(stdout: string): Map<string, Record<string, string>> {
  const units = new Map<string, Record<string, string>>();
  for (const block of stdout.split("\n\n")) {
    const values: Record<string, string> = {};
    for (const line of block.split("\n")) {
      const at = line.indexOf("=");
      if (at > 0) values[line.slice(0, at)] = line.slice(at + 1);
    }
    if (values["Id"] !== undefined) units.set(values["Id"], values);
  }
  return units;
}

/** argv (after `systemctl --user`) that lists all loaded units of agents, one line each. */
export const listArgs = [
  "list-units",
  "--all",
  "--plain",
  "--no-legend",
  "--no-pager",
  agentUnit("*"),
];

/** By unit: whether it just runs (active, running). Lines are `UNIT LOAD ACTIVE SUB DESCRIPTION`. */
export function parseListed(stdout: string): Map<string, boolean> {
  const rows = stdout.split("\n").map((line) => line.trim().split(/\s+/));
  return new Map(rows.flatMap(([unit, , active]) => (unit ? [[unit, active === "active"]] : [])));
}

/** The unit's truth as a supervisor's word, from properties as `systemctl show` names them. */
export function stateOf(
  unit: Readonly<Record<string, string>>,
): Pick<SupervisedAgent, "state" | "reason" | "sinceMs"> {
  const sinceMs = Number((unit["StateChangeTimestamp"] ?? "").replace("@", "")) * 1000 || 0;
  return { ...wordFor(unit), sinceMs };
}

function wordFor(
  unit: Readonly<Record<string, string>>,
): Pick<SupervisedAgent, "state" | "reason"> {
  const status = unit["StatusText"] ?? "";
  switch (unit["ActiveState"]) {
    case "active":
      return { state: "running", reason: "" };
    case "activating":
    case "reloading":
      if (unit["SubState"] === "auto-restart" || status.startsWith("waits")) {
        // While it waits for systemd the status text is still that of the run that crashed.
        return {
          state: "backoff",
          reason: status.startsWith("waits") ? status : "restarts after a crash",
        };
      }
      return { state: "starting", reason: "" };
    case "deactivating":
      return { state: "stopped", reason: "stopping" };
    case "failed":
      return { state: "failed", reason: failureOf(unit) };
    default:
      if (unit["LoadState"] === "not-found")
        return { state: "stopped", reason: "unit not installed" };
      return { state: "stopped", reason: "" };
  }
}

function failureOf(unit: Readonly<Record<string, string>>): string {
  const exit = unit["ExecMainStatus"] ?? "";
  if (unit["Result"] === "start-limit-hit") return "crashed too often, so it stays down";
  if (exit === "78") return "configuration or login (exit 78), so it stays down";
  if (unit["Result"] === "exit-code") return `unit failed (exit ${exit})`;
  return `unit failed (${unit["Result"] ?? "unknown"})`;
}
