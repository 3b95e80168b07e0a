// What a running agent does: its own reports first, corrected by what its screen shows. Pure.
// A report may be missing (an Esc in Claude Code and Codex ends a turn without one), a screen may be half drawn: so a
// screen has to show the same twice before it overrules a report, and in doubt an agent works.
import type { Activity } from "./agent-report.ts";
import type { Runtime } from "./runtimes.ts";

/** One source's word. */
export interface Candidate {
  activity: Activity;
  source: "hook" | "screen";
  /** Epoch milliseconds of when it was said or seen. */
  at: number;
  /** Of `waiting`: the question. */
  detail: string;
  /** What it is known by, for people. */
  evidence: string;
  /** Of an idle screen: why the last turn failed, where the screen alone tells. */
  fault?: string;
  /** Of a screen that shows work below its composer, where no words of a transcript stand. */
  isCertain?: true;
}

export interface Judged extends Candidate {
  /** Every source's word, the winner's among them. */
  candidates: readonly Candidate[];
}

/** Below the last of these a screen shows a footer, above them the transcript. */
const statusRows = 16;

/** What stands below the composer at the most. */
const footerRows = 2;

/** A report of this age is not overruled: on a busy machine opencode takes seconds to draw that it works. */
const settleMs = 4_000;

/** Where every end is reported, an idle screen tells only that the report was lost. */
const lostMs = 60_000;

type ScreenRules = Pick<
  Runtime,
  | "workingPattern"
  | "questionPattern"
  | "dialogPattern"
  | "readyPattern"
  | "asksBesideComposer"
  | "faultPattern"
>;

export interface Screen {
  title: string;
  /** What the pane shows, without the blank rows at its end. */
  lines: readonly string[];
}

/** What a screen says; undefined where it tells nothing. */
export function readScreen(
  rules: ScreenRules,
  { title, lines }: Screen,
  at: number,
): Candidate | undefined {
  const source = "screen";
  const rows = [title, ...lines.slice(-statusRows)];
  const shown = (pattern: string): string | undefined =>
    pattern === "" ? undefined : rows.find((row) => new RegExp(pattern).test(row));
  const hasComposer = isReady(rules, lines.slice(-statusRows));
  // A question takes the composer's place; what stands beside one is somebody's words.
  const isHidden = hasComposer && !rules.asksBesideComposer;
  const question = isHidden
    ? undefined
    : (shown(rules.questionPattern) ?? shown(rules.dialogPattern));
  if (question !== undefined) {
    const detail = sentenceOf(lines, question);
    return { activity: "waiting", source, at, detail, evidence: `its screen asks: ${detail}` };
  }
  if (rules.workingPattern === "") return undefined;
  const working = rows.findLast((row) => new RegExp(rules.workingPattern).test(row));
  if (working !== undefined) {
    const evidence = `its screen shows: ${working.trim()}`;
    const works = { activity: "working", source, at, detail: "", evidence } as const;
    const isBelow = lines.lastIndexOf(working) > lastReady(rules, lines) && isLast(working, lines);
    return hasComposer && isBelow ? { ...works, isCertain: true } : works;
  }
  // Nothing is drawn yet: it starts. opencode begins with its composer in the middle of the screen.
  if (!isReady(rules, lines)) return undefined;
  const evidence = "its screen shows no work and no question";
  const idle = { activity: "idle", source, at, detail: "", evidence } as const;
  const fault = rules.faultPattern === "" ? undefined : lastOf(rules.faultPattern, lines);
  return fault === undefined ? idle : { ...idle, fault };
}

/** Not a row of a draft that says so. */
function isLast(row: string, lines: readonly string[]): boolean {
  return lines.slice(-footerRows).includes(row);
}

function lastOf(pattern: string, lines: readonly string[]): string | undefined {
  return lines.slice(-statusRows).findLast((row) => new RegExp(pattern).test(row));
}

/**
 * The sentence above the choices, which says more than they do, or the head of the dialog; at least what the question was
 * known by. A dialog stands below a line; what is above that is the transcript.
 */
function sentenceOf(lines: readonly string[], question: string): string {
  const line = lines.findLastIndex((row) => /^ *──/.test(row));
  const below = lines.slice(line + 1);
  const isBox = line >= 0 && below.includes(question);
  const rows = isBox ? below : lines.slice(-statusRows);
  const whole = rows.findLast((row) => /\?\s*$/.test(row));
  const cut = /^.*?\?(?= )/.exec(rows.findLast((row) => /\? /.test(row)) ?? "")?.[0];
  const head = isBox ? below.find((row) => row.trim() !== "") : undefined;
  return (whole ?? cut ?? head ?? question).trim();
}

/** Whether its composer is drawn, with or without a text in it. */
export function isReady(rules: ScreenRules, lines: readonly string[]): boolean {
  return lastReady(rules, lines) >= 0;
}

/** The last row of the composer that can be told; -1: there is none. */
function lastReady({ readyPattern }: ScreenRules, lines: readonly string[]): number {
  const pattern = new RegExp(readyPattern);
  return lines.findLastIndex((row, index) => pattern.test(`${lines[index - 1] ?? ""}/${row}`));
}

/** What wins; undefined when no source says anything. `endsSilently` as in the runtime table. */
export function judge(
  hook: Candidate | undefined,
  screen: Candidate | undefined,
  endsSilently = true,
): Judged | undefined {
  const candidates = [hook, screen].filter((one) => one !== undefined);
  const winner =
    hook === undefined || screen === undefined
      ? (hook ?? screen)
      : pick(hook, screen, endsSilently);
  return winner === undefined ? undefined : { ...winner, candidates };
}

function pick(hook: Candidate, screen: Candidate, endsSilently: boolean): Candidate {
  if (hook.activity === screen.activity) return hook;
  // A question that can be seen is there: a message would answer it.
  if (screen.activity === "waiting") return screen;
  const age = screen.at - hook.at;
  // Not below 0: somebody has set the clock.
  const isEnd = hook.activity === "working" && screen.activity === "idle";
  const isFresh = age >= 0 && age < (isEnd && !endsSilently ? lostMs : settleMs);
  // Words that an agent wrote look like work; one that reports says so itself when it begins. Only after a hook of a site's
  // own that has Claude Code go on does it work without a word.
  if (hook.activity === "idle") return screen.isCertain === true && !isFresh ? screen : hook;
  return isFresh ? hook : screen;
}
