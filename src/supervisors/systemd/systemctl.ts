// What systemctl is asked, and how its answers are cut up. Pure, but for the two calls.
import type { Context, ExecResult } from "../../context.ts";
import { agentUnit, holderUnit } from "../../domain/names.ts";
import { AppError, exitCodes, ProcessError } from "../../errors.ts";
import type { HeldLock } from "../../lock/held-lock.ts";
import { askUserManager } from "../user-manager.ts";

const shownProperties = [
  "Id",
  "LoadState",
  "ActiveState",
  "SubState",
  "Result",
  "NRestarts",
  "ExecMainCode",
  "ExecMainStatus",
  "StatusText",
  "StateChangeTimestamp",
];

/** Starts wait for readiness and so may take minutes. */
const systemctlTimeoutMs = 300_000;

/** Runs `systemctl --user …`. */
export async function systemctl(ctx: Context, ...args: string[]): Promise<ExecResult> {
  return askUserManager(ctx, { args, timeoutMs: systemctlTimeoutMs });
}

/** The same for what must not be done by two at a time: our call is what runs under the lock. */
export async function systemctlUnder(
  ctx: Context,
  lock: Pick<HeldLock, "env" | "gate">,
  ...args: string[]
): Promise<ExecResult> {
  return askUserManager(ctx, { args, timeoutMs: systemctlTimeoutMs, under: lock });
}

/** The same for a call that has to succeed; ProcessError otherwise. */
export async function mustSystemctl(ctx: Context, ...args: string[]): Promise<void> {
  const result = await systemctl(ctx, ...args);
  if (result.exitCode === 0) return;
  // "Job for … canceled": another command wants the opposite at this moment.
  if (/Job for .* canceled|Transaction for .* is destructive/.test(result.stderr)) {
    throw new AppError("another command is starting or stopping the fleet", {
      exitCode: exitCodes.busy,
      hint: "try again in a moment",
    });
  }
  const hint = `systemctl --user status ${holderUnit}`;
  throw new ProcessError({ argv: ["systemctl", "--user", ...args], ...result }, { hint });
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
  return new Map(rowsOf(stdout).map(({ unit, active }) => [unit, active === "active"]));
}

/** The listed units that run, or are on their way up or down. */
export function parseLiving(stdout: string): string[] {
  const living = rowsOf(stdout).filter(({ active }) => !["inactive", "failed"].includes(active));
  return living.map(({ unit }) => unit);
}

function rowsOf(stdout: string): { unit: string; active: string }[] {
  const rows = stdout.split("\n").map((line) => line.trim().split(/\s+/));
  return rows.flatMap(([unit, , active = ""]) => (unit ? [{ unit, active }] : []));
}
