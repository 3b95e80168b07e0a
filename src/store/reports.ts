// What agents reported: the last activity of each run. What that proves of messages: turns.ts.
import type { Database } from "../context.ts";
import { type Activity, activityOf, type AgentReport } from "../domain/agent-report.ts";
import { isFormerRun } from "../domain/run-order.ts";
import { isOfAnotherTurn, setReceipts } from "./turns.ts";

export interface Reporter {
  agent: string;
  /** Of its run: a late report of the run before says nothing of this one. */
  instance: string;
}

/** What an agent said last of itself. */
export interface LastReport {
  activity: Activity;
  /** The question, while it waits. */
  detail: string;
  session: string;
  /** The runtime's id of the last turn; empty when it tells none. */
  turn: string;
  /** Since when it does that; epoch milliseconds, as `reportedAt`. */
  since: number;
  reportedAt: number;
}

/** Records what an agent said, and gives the messages that it speaks of their receipts. */
export function addReport(
  store: Database,
  report: AgentReport,
  { agent, instance, at }: Reporter & { at: number },
): void {
  store.transaction(() => {
    const before = lastReport(store, { agent, instance });
    if (!isOfAnotherTurn(before, report)) setActivity(store, report, { agent, instance, at });
    setReceipts(store, report, { agent, instance, at, before });
  });
}

/** undefined when this run of the agent has said nothing, or that its session ended. */
export function lastReport(store: Database, { agent, instance }: Reporter): LastReport | undefined {
  const sql = "SELECT * FROM agents WHERE name = ? AND instance = ?";
  const row = store.all(sql, agent, instance)[0];
  const activity = (["idle", "working", "waiting"] as const).find(
    (known) => known === row?.["activity"],
  );
  if (row === undefined || activity === undefined) return undefined;
  return {
    activity,
    detail: String(row["detail"]),
    session: String(row["session"]),
    turn: String(row["turn"]),
    since: Number(row["since"]),
    reportedAt: Number(row["reported_at"]),
  };
}

/** The runtime's id of the agent's last conversation, of whatever run; it goes into an argv, so only what looks like one. */
export function lastSession(store: Database, agent: string): string | undefined {
  const sql =
    "SELECT session FROM agents WHERE name = ? AND session <> '' ORDER BY reported_at DESC";
  const session = store.all(sql, agent)[0]?.["session"];
  return typeof session === "string" && /^[A-Za-z0-9][\w.-]{0,127}$/.test(session)
    ? session
    : undefined;
}

function setActivity(
  store: Database,
  report: AgentReport,
  { agent, instance, at }: Reporter & { at: number },
): void {
  const runs = store.all("SELECT instance FROM agents WHERE name = ?", agent);
  const others = runs.map((row) => String(row["instance"])).filter((other) => other !== instance);
  // The run that lives is asked what it does, and whose conversation a reset goes on with.
  if (others.some((other) => isFormerRun(instance, other))) return;
  for (const other of report.kind === "session-started" ? others : []) {
    store.run("DELETE FROM agents WHERE name = ? AND instance = ?", agent, other);
  }
  const activity = activityOf(report);
  if (activity === undefined) {
    // Of its conversation the id is kept: a reset goes on with it.
    const sql = "UPDATE agents SET activity = '', reported_at = ? WHERE name = ? AND instance = ?";
    store.run(sql, at, agent, instance);
    return;
  }
  const before = lastReport(store, { agent, instance });
  const since = before?.activity === activity ? before.since : at;
  const detail = report.kind === "waiting" ? report.question : "";
  const told = report.kind === "prompt-accepted" ? report.turn : undefined;
  const turn = told ?? before?.turn ?? "";
  const sql = "INSERT OR REPLACE INTO agents VALUES (?, ?, ?, ?, ?, ?, ?, ?)";
  const session = report.session || (before?.session ?? "");
  store.run(sql, agent, instance, session, turn, activity, detail, since, at);
}
