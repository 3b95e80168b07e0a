// What a check of `mosaic doctor` is, and the words in which it answers.
//
// problem: something that keeps the fleet from working, or makes two programs of it see different things; doctor exits
// 3. warning: works now, but matters later or was somebody's choice; it does not change the exit code. A check that
// cannot know answers with a warning that says so, never with ok.
import type { Context } from "../context.ts";
import { AppError } from "../errors.ts";
import type { DoctorFacts } from "./facts.ts";

export type CheckStatus = "ok" | "warning" | "problem";

/** A mending that harms nobody: it can be done again, loses nothing, and ends or restarts nothing. */
export interface Repair {
  /** For people, such as `chmod 700 ~/.config/mosaic`. */
  what: string;
  run(): Promise<void>;
}

export interface CheckResult {
  status: CheckStatus;
  /** What was found; several lines when several things were. */
  detail: string;
  /** Commands to type, one per line; empty when there is none. */
  fix: string;
  /** What `doctor --fix` does of it. */
  repairs?: readonly Repair[];
}

export interface Check {
  /** Stable, for scripts. */
  id: string;
  /** For people. */
  title: string;
  /** Without it the check is skipped; a check that needs the roster needs the home folder too. */
  needs: "nothing" | "home" | "roster";
  /** May throw: the runner makes a problem of it. Must leave nothing behind. */
  run(ctx: Context, facts: DoctorFacts): Promise<CheckResult>;
}

/** How long a program may take that a check asks; one that hangs must not hang the doctor. */
export const askTimeoutMs = 10_000;

/** All is as it should be. */
export function ok(detail: string): CheckResult {
  return { status: "ok", detail, fix: "" };
}

/** Works, but worth a look. */
export function warning(detail: string, fix = ""): CheckResult {
  return { status: "warning", detail, fix };
}

/** Does not work, or soon will not. */
export function problem(detail: string, fix = ""): CheckResult {
  return { status: "problem", detail, fix };
}

/** The check could not be made, which is not ok: nobody knows. */
export function skipped(why: string): CheckResult {
  return warning(`skipped: ${why}`);
}

/** Several findings as one result of the worst status, details and different fixes in their order; `none` when empty. */
export function merged(findings: readonly CheckResult[], none: CheckResult): CheckResult {
  if (findings.length === 0) return none;
  const worst = (["problem", "warning", "ok"] as const).find((status) =>
    findings.some((finding) => finding.status === status),
  );
  const fixes = findings.map(({ fix }) => fix).filter((fix) => fix !== "");
  const repairs = findings.flatMap((finding) => finding.repairs ?? []);
  return {
    status: worst ?? "ok",
    detail: findings.map(({ detail }) => detail).join("\n"),
    fix: [...new Set(fixes)].join("\n"),
    ...(repairs.length === 0 ? {} : { repairs }),
  };
}

/** The same finding, with what mends it safely. */
export function mendedBy(finding: CheckResult, repair: Repair): CheckResult {
  return { ...finding, repairs: [repair] };
}

/** What a check threw, as its problem. */
export function thrown(error: unknown): CheckResult {
  if (error instanceof AppError) return problem(error.message, error.hint);
  return problem(`the check itself failed, which is a bug in mosaic: ${wordsOf(error)}`);
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}
