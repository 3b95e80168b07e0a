// What agents reported: the last activity of each run, and what it proves of messages.
// Over 200 lines because what one report means for the messages depends on all the others.
import type { Database } from "../context.ts";
import { type Activity, activityOf, type AgentReport } from "../domain/agent-report.ts";
import { compareText, envelopesIn } from "../domain/message.ts";
import { isFormerRun } from "../domain/run-order.ts";
import {
  acceptedOf,
  addReceipt,
  amendAnswers,
  failFormerRuns,
  findMessage,
  joinMessage,
  type StoredMessage,
} from "./messages.ts";

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
    setActivity(store, report, { agent, instance, at });
    const restsSince = before?.activity === "idle" ? before.since : undefined;
    const told = { agent, instance, at, isInTurn: isInTurn(before, report), restsSince };
    setReceipts(store, report, told);
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

function setReceipts(store: Database, report: AgentReport, told: Told): void {
  if (report.kind === "session-started") failFormerRuns(store, told);
  if (report.kind === "prompt-accepted") {
    if (!told.isInTurn) beginTurn(store, told);
    accept(store, report, told);
  }
  if (report.kind === "turn-ended") {
    if (report.isContinued === true && told.restsSince !== undefined) amend(store, report, told);
    endTurn(store, report.answer, told);
  }
  if (report.kind === "turn-failed") {
    for (const message of openIn(store, told)) {
      const evidence = `it reports that its turn failed: ${report.reason}`;
      addReceipt(store, message, { status: "failed", evidence, ...saidAt(told) });
    }
  }
}

/** What this very run has accepted: a late word of another one says nothing of it. */
function openIn(store: Database, { agent, instance }: Told): StoredMessage[] {
  return acceptedOf(store, agent).filter(({ acceptedBy }) => acceptedBy === instance);
}

interface Told extends Reporter {
  at: number;
  /** A turn was running already when it said so. */
  isInTurn: boolean;
  /** When it reported the end of its last turn, and nothing since. */
  restsSince: number | undefined;
}

/** A turn that was interrupted ends without a word: then another one has another id. */
function isInTurn(before: LastReport | undefined, report: AgentReport): boolean {
  if (before === undefined || before.activity === "idle") return false;
  const turn = report.kind === "prompt-accepted" ? (report.turn ?? "") : "";
  return turn === "" || before.turn === turn;
}

const saidAt = ({ at }: Told) => ({ at, source: "agent", cause: "" }) as const;

const evidences = {
  whole: "it reports the prompt, with the whole text",
  more: "it reports the prompt, with the whole text and words of somebody else behind it",
  other: "it reports the prompt, but the text differs from what was sent",
};

function accept(
  store: Database,
  { text, isQueued }: Extract<AgentReport, { kind: "prompt-accepted" }>,
  told: Told,
): void {
  for (const { id, body } of envelopesIn(text)) {
    const message = findMessage(store, id);
    // What was never typed is a header that somebody quotes.
    if (message?.agent !== told.agent || message.claimedAt === undefined) continue;
    const evidence = evidences[compareText(body, message.body)];
    const isNews = addReceipt(store, message, { status: "accepted", evidence, ...saidAt(told) });
    const isJoined = isQueued === true && told.isInTurn;
    if (isNews) joinMessage(store, message, { by: told.instance, isJoined });
  }
}

function endTurn(store: Database, answer: string, told: Told): void {
  const open = openIn(store, told);
  for (const message of open) {
    // Two turns without a prompt in between: the second one was that of what was queued.
    if (message.isJoined && message.answer === undefined) {
      joinMessage(store, message, { by: told.instance, isJoined: true, answer });
    } else answered(store, message, { answer, told, shared: open.length });
  }
}

/** The turn that was reported to have ended went on: its last words are the answer. */
function amend(store: Database, { answer }: { answer: string }, { agent, restsSince = 0 }: Told) {
  const evidence = "it reports the end of its turn, and went on after a first end";
  amendAnswers(store, { agent, at: restsSince, answer, evidence });
}

/**
 * What was joined to the last turn, and had none of its own since, was answered in it. What else is open was cut off: an
 * Esc ends a turn of Claude Code and Codex without a word.
 */
function beginTurn(store: Database, told: Told): void {
  for (const message of openIn(store, told)) {
    const { isJoined, answer } = message;
    if (isJoined && answer !== undefined) answered(store, message, { answer, told });
    else addReceipt(store, message, { status: "failed", evidence: cutOff, ...saidAt(told) });
  }
}

const cutOff = "its turn was interrupted: another one began, and no end was reported";

function answered(
  store: Database,
  message: StoredMessage,
  { answer, told, shared = 1 }: { answer: string; told: Told; shared?: number },
): void {
  // What reaches pi or opencode while it works is added to the running turn, and its last words answer all of it.
  const share = shared > 1 ? `, whose answer is that to ${shared} messages` : "";
  const evidence = `it reports the end of its turn${share}`;
  addReceipt(store, message, { status: "answered", evidence, answer, ...saidAt(told) });
}
