// `mosaic doctor`: runs every check of this host and prints what was found, with the command that mends it.
import type { Context } from "../context.ts";
import { oneLine } from "../domain/terminal-text.ts";
import { AppError, exitCodes } from "../errors.ts";
import { type Check, type CheckResult, skipped, thrown } from "./check.ts";
import { checks as everyCheck } from "./checks.ts";
import { type DoctorFacts, gatherFacts } from "./facts.ts";

export interface DoctorOptions {
  json: boolean;
  /** Applies the fixes that are safe, and looks again. */
  fix?: boolean;
  /** Default: all of checks.ts. */
  checks?: readonly Check[];
}

interface Finding extends CheckResult {
  id: string;
  title: string;
}

/**
 * Exit code 0 when no check found a problem, 3 otherwise; warnings do not count. Changes nothing on the host but what `fix`
 * mends, and throws for nothing that it finds there.
 */
export async function runDoctor(ctx: Context, options: DoctorOptions): Promise<number> {
  let findings = await examine(ctx, options);
  if (options.fix === true && (await mend(ctx, findings))) findings = await examine(ctx, options);
  const count = (status: CheckResult["status"]) =>
    findings.filter((finding) => finding.status === status).length;
  const counts = { problems: count("problem"), warnings: count("warning") };
  ctx.io.out(options.json ? asJson(ctx, findings, counts) : asText(findings, counts));
  return counts.problems === 0 ? exitCodes.ok : exitCodes.notRunning;
}

async function examine(ctx: Context, { checks = everyCheck }: DoctorOptions): Promise<Finding[]> {
  ctx.io.progress("examining …");
  const facts = await gatherFacts(ctx);
  // Side by side: a check changes nothing that another one looks at.
  const findings = await Promise.all(
    checks.map(async (check): Promise<Finding> => {
      const { id, title } = check;
      return { id, title, ...(await answerOf(check, { ctx, facts })) };
    }),
  );
  ctx.io.progress("");
  return findings;
}

/** Whether anything was mended; what could not be is told, and found again by the next look. */
async function mend(ctx: Context, findings: readonly Finding[]): Promise<boolean> {
  const repairs = findings.flatMap((finding) => finding.repairs ?? []);
  for (const repair of repairs) {
    const { what } = repair;
    try {
      await repair.run();
      ctx.io.err(`fixed: ${what}\n`);
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      ctx.io.err(`not fixed: ${what}: ${error.message}\n`);
    }
  }
  return repairs.length > 0;
}

async function answerOf(
  check: Check,
  { ctx, facts }: { ctx: Context; facts: DoctorFacts },
): Promise<CheckResult> {
  if (check.needs !== "nothing" && facts.homeFault !== undefined) return skipped("no home folder");
  if (check.needs === "roster" && facts.roster === undefined) return skipped("no valid roster");
  try {
    return await check.run(ctx, facts);
  } catch (error) {
    return thrown(error);
  }
}

interface Counts {
  problems: number;
  warnings: number;
}

function asJson({ host }: Context, findings: readonly Finding[], counts: Counts): string {
  const { version, commit } = host;
  const isOk = counts.problems === 0;
  const checks = findings.map(({ repairs, ...finding }) => ({
    ...finding,
    // Only where --fix does something.
    ...(repairs === undefined ? {} : { canFix: true }),
  }));
  const document = { schemaVersion: 1, version, commit, ok: isOk, ...counts, checks };
  return `${JSON.stringify(document, null, 2)}\n`;
}

const words: Record<CheckResult["status"], string> = {
  ok: "ok",
  warning: "warning",
  problem: "PROBLEM",
};

function asText(findings: readonly Finding[], counts: Counts): string {
  const width = Math.max(...findings.map(({ title }) => title.length));
  const indent = " ".repeat("PROBLEM".length + 2);
  const lines = findings.flatMap(({ status, title, detail, fix }) => {
    const [first = "", ...more] = linesOf(detail);
    return [
      `${words[status].padEnd(indent.length)}${title.padEnd(width)}  ${first}`,
      ...more.map((line) => `${indent}${" ".repeat(width)}  ${line}`),
      ...linesOf(fix).map((line) => `${indent}fix: ${line}`),
    ];
  });
  return `${lines.join("\n")}\n\n${summaryOf(counts)}\n`;
}

/** Without control characters: a path or a program's words may hold any. */
function linesOf(text: string): string[] {
  return text === "" ? [] : text.split("\n").map(oneLine);
}

function summaryOf({ problems, warnings }: Counts): string {
  const warned = warnings === 0 ? "" : `, ${numbered(warnings, "warning")}`;
  return problems === 0 ? `healthy${warned}` : `${numbered(problems, "problem")}${warned}`;
}

function numbered(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
