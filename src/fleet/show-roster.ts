// The roster as it is read: a table for people, the whole typed value for programs.
import type { Context } from "../context.ts";
import { exitCodes } from "../errors.ts";
import { formatDuration } from "../domain/duration.ts";
import { rosterFile } from "../domain/names.ts";
import type { Agent, Roster } from "../domain/roster.ts";
import { formatTable } from "../domain/table.ts";
import { loadRoster } from "./load-roster.ts";

/** Prints the roster on stdout; exit code 0. A broken or missing roster is loadRoster's AppError 2. */
export async function showRoster(ctx: Context, { json }: { json: boolean }): Promise<number> {
  const roster = await loadRoster(ctx);
  ctx.io.out(json ? rosterAsJson(roster, rosterFile(ctx.paths)) : rosterAsTable(roster, ctx));
  return exitCodes.ok;
}

function rosterAsJson(roster: Roster, file: string): string {
  return `${JSON.stringify({ schemaVersion: 1, file, ...roster }, null, 2)}\n`;
}

function rosterAsTable({ agents }: Roster, { io, paths }: Context): string {
  return formatTable({
    headers: ["NAME", "RUNTIME", "RESTART", "LIMITS", "WORKDIR"],
    rows: agents.map((agent) => [
      agent.name,
      agent.runtime,
      restartOf(agent),
      limitsOf(agent),
      abbreviateHome(agent.workdir, paths.home),
    ]),
    columns: io.stdoutIsTty ? io.columns : Number.POSITIVE_INFINITY,
  });
}

function restartOf({ restart: { policy, burst, windowMs } }: Agent): string {
  return policy === "never" ? policy : `${policy} ${burst}/${formatDuration(windowMs)}`;
}

function limitsOf({ limits }: Agent): string {
  const parts = [
    limits.memoryMax,
    limits.cpuQuota,
    limits.tasksMax === undefined ? undefined : `${limits.tasksMax} tasks`,
  ];
  return parts.filter((part) => part !== undefined).join(" ") || "-";
}

function abbreviateHome(path: string, home: string): string {
  return path === home || path.startsWith(`${home}/`) ? `~${path.slice(home.length)}` : path;
}
