// What the reports of an agent prove of the messages to it. One rule for all runtimes: a prompt that is reported belongs to
// the turn that the report names, or else to the one that runs; the end of a turn is that of its own messages.
import type { Database } from "../context.ts";
import type { Activity, AgentReport } from "../domain/agent-report.ts";
import { compareText, envelopesIn } from "../domain/message.ts";
import { joinMessage } from "./claims.ts";
import type { StoredMessage } from "./message-rows.ts";
import { acceptedOf, failFormerRuns, findMessage } from "./messages.ts";
import { addReceipt, amendAnswers } from "./receipts.ts";

/** What the agent had said before a report; undefined: nothing. `since` in epoch milliseconds. */
type Before = { activity: Activity; session: string; turn: string; since: number } | undefined;

interface Told {
  agent: string;
  /** Of its run: a late report of the run before says nothing of this one. */
  instance: string;
  /** Epoch milliseconds. */
  at: number;
  before: Before;
}

/** Whether it tells of the end of a turn that is not the last one which began: that one runs on. */
export function isOfAnotherTurn(before: Before, report: AgentReport): boolean {
  if (report.kind !== "turn-ended" && report.kind !== "turn-failed") return false;
  const { turn = "" } = report;
  return turn !== "" && before !== undefined && before.turn !== "" && before.turn !== turn;
}

/** Gives the messages that a report speaks of their receipts. */
export function setReceipts(store: Database, report: AgentReport, told: Told): void {
  if (report.kind === "session-started") failFormerRuns(store, told);
  if (report.kind === "prompt-accepted") {
    if (!isInTurn(told.before, report)) beginTurn(store, told);
    accept(store, report, told);
  }
  if (report.kind === "turn-ended") {
    if (report.isContinued === true) amend(store, report, told);
    else closeTurn(store, told);
    endTurn(store, report, told);
  }
  if (report.kind === "turn-failed") {
    for (const message of ofTurn(openIn(store, told), report)) {
      const evidence = `it reports that its turn failed: ${report.reason}`;
      addReceipt(store, message, { status: "failed", evidence, ...saidAt(told) });
    }
  }
}

/** What this very run has accepted: a late word of another one says nothing of it. */
function openIn(store: Database, { agent, instance }: Told): StoredMessage[] {
  return acceptedOf(store, agent).filter(({ acceptedBy }) => acceptedBy === instance);
}

/** Those that the end of this turn may be the end of. */
function ofTurn(open: readonly StoredMessage[], { turn = "" }: { turn?: string }): StoredMessage[] {
  return open.filter(
    (message) => turn === "" || message.turn === "" || message.turn === turn || message.isJoined,
  );
}

/**
 * A turn that was interrupted ends without a word: then another one has another id. A second conversation of the same run
 * interrupts nothing.
 */
function isInTurn(before: Before, report: AgentReport): boolean {
  if (before === undefined || before.activity === "idle") return false;
  const turn = report.kind === "prompt-accepted" ? (report.turn ?? "") : "";
  return turn === "" || before.turn === turn || before.session !== report.session;
}

const saidAt = ({ at }: Told) => ({ at, source: "agent", cause: "" }) as const;

const evidences = {
  whole: "it reports the prompt, with the whole text",
  more: "it reports the prompt, with the whole text and words of somebody else beside it",
  other: "it reports the prompt, but the text differs from what was sent",
};

function accept(
  store: Database,
  report: Extract<AgentReport, { kind: "prompt-accepted" }>,
  told: Told,
): void {
  const { text, isQueued, turn = "" } = report;
  const isJoined = isQueued === true && isInTurn(told.before, report);
  for (const envelope of envelopesIn(text)) {
    const message = findMessage(store, envelope.id);
    // What was never typed is a header that somebody quotes.
    if (message?.agent !== told.agent || message.claimedAt === undefined) continue;
    const evidence = evidences[compareText(envelope, message.body)];
    const isNews = addReceipt(store, message, { status: "accepted", evidence, ...saidAt(told) });
    if (isNews) joinMessage(store, message, { by: told.instance, turn, isJoined });
  }
}

function endTurn(
  store: Database,
  report: Extract<AgentReport, { kind: "turn-ended" }>,
  told: Told,
): void {
  const { answer } = report;
  const open = ofTurn(openIn(store, told), report);
  for (const message of open) {
    const { isJoined, turn } = message;
    // Two turns without a prompt in between: the second one was that of what was queued.
    if (isJoined && message.answer === undefined) {
      joinMessage(store, message, { by: told.instance, turn, isJoined, answer });
    } else answered(store, message, { answer, told, share: shareOf(open) });
  }
}

/** The turn that was reported to have ended went on: its last words are the answer. */
function amend(store: Database, { answer }: { answer: string }, told: Told): void {
  const { agent, before } = told;
  // It may have used tools since, and so have said that it works.
  const at = before?.activity === "idle" ? before.since : lastAnswered(store, told);
  if (at === undefined) return;
  const evidence = "it reports the end of its turn, and went on after a first end";
  amendAnswers(store, { agent, at, answer, evidence });
}

/** When the messages of its last turn were answered; undefined: there are none, or another turn has ended since. */
function lastAnswered(store: Database, { agent, instance, before }: Told): number | undefined {
  const sql = `SELECT at FROM receipts JOIN messages ON message = messages.seq
    WHERE agent = ? AND messages.status = 'answered' AND receipts.status = 'answered' AND accepted_by = ?
    AND turn = ? AND turn <> '' ORDER BY receipts.seq DESC LIMIT 1`;
  const at = store.all(sql, agent, instance, before?.turn ?? "")[0]?.["at"];
  return at === undefined ? undefined : Number(at);
}

/** What was answered before is of no turn any more: Claude Code gives a queued prompt the id of the turn that ran then. */
function closeTurn(store: Database, { agent, instance }: Told): void {
  // So many may be in one turn; all that were ever answered are too many to be looked at for every turn.
  const sql = `UPDATE messages SET turn = '' WHERE agent = ? AND status = 'answered'
    AND seq > (SELECT max(seq) FROM messages) - 100 AND accepted_by = ? AND turn <> ''`;
  store.run(sql, agent, instance);
}

/**
 * What was joined to the last turn, and had none of its own since, was answered in it. What else is open was cut off: an
 * Esc ends a turn of Claude Code and Codex without a word.
 */
function beginTurn(store: Database, told: Told): void {
  for (const message of openIn(store, told)) {
    const { isJoined, answer } = message;
    if (isJoined && answer !== undefined)
      answered(store, message, { answer, told, share: runningTurn });
    else addReceipt(store, message, { status: "failed", evidence: cutOff, ...saidAt(told) });
  }
}

const cutOff = "its turn was interrupted: another one began, and no end was reported";

function answered(
  store: Database,
  message: StoredMessage,
  { answer, told, share }: { answer: string; told: Told; share: string },
): void {
  const evidence = `it reports the end of its turn${share}`;
  addReceipt(store, message, { status: "answered", evidence, answer, ...saidAt(told) });
}

/** What is added to a running turn gets the last words of it, which answer all that was in it. */
function shareOf(open: readonly StoredMessage[]): string {
  if (open.length < 2) return "";
  const isSure = open.every(({ isJoined }) => !isJoined);
  return `, whose answer ${isSure ? "is" : "may be"} that to ${open.length} messages`;
}

const runningTurn = ", the one that ran when it came, whose answer is that to other messages too";
