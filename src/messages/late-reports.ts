// What an agent reported while the store was locked: kept in files, and taken into the store by whoever comes next. So a
// locked store costs an agent a moment, and no report is lost.
import type { Context, Database } from "../context.ts";
import { type AgentReport, parseReport } from "../domain/agent-report.ts";
import { agentFiles } from "../domain/names.ts";
import { addReport, type Reporter } from "../store/reports.ts";

export interface LateReport extends Reporter {
  report: AgentReport;
  /** When it was said; epoch milliseconds. */
  at: number;
}

/** How long another one may take to bring in what is late. */
const longPatienceMs = 1_000;

/** Keeps it beside the store. Throws AppError when the disk does not take it either. */
export async function keepReport(ctx: Context, late: LateReport): Promise<void> {
  const { late: folder } = agentFiles(ctx.paths, late.agent);
  const file = `${folder}/${String(late.at).padStart(16, "0")}-${ctx.randomHex(8)}.json`;
  await ctx.files.write(file, JSON.stringify(late), 0o600, { isDerived: true });
}

/**
 * Brings in what is kept, the oldest first; a file that is none of ours is removed. False when another one is at it still:
 * what is said now would come before what was said then. Throws AppError as the store does.
 */
export async function takeLateReports(
  ctx: Context,
  store: Database,
  { agent, patienceMs = longPatienceMs }: { agent: string; patienceMs?: number },
): Promise<boolean> {
  const { late: folder } = agentFiles(ctx.paths, agent);
  if ((await ctx.files.list(folder)).length === 0) return true;
  const lockFile = `${agentFiles(ctx.paths, agent).dir}/late.lock`;
  using lock = await lockFor(ctx, { lockFile, patienceMs });
  if (lock === undefined) return false;
  for (const name of await ctx.files.list(folder)) {
    const file = `${folder}/${name}`;
    const kept = parseKept((await ctx.files.readText(file)) ?? "", agent);
    if (kept !== undefined) addReport(store, kept.report, kept);
    await ctx.files.remove(file);
  }
  return true;
}

async function lockFor(
  ctx: Context,
  { lockFile, patienceMs }: { lockFile: string; patienceMs: number },
): Promise<Disposable | undefined> {
  const until = ctx.clock.monotonic() + patienceMs;
  for (;;) {
    const lock = await ctx.files.tryLock(lockFile);
    if (lock !== undefined || ctx.clock.monotonic() >= until) return lock;
    await ctx.clock.sleep(10);
  }
}

/** What no report can be would end every later hook of this agent: so it is looked at whole. */
function parseKept(text: string, agent: string): LateReport | undefined {
  try {
    const kept: LateReport = JSON.parse(text);
    const isOwn = kept.agent === agent && typeof kept.instance === "string";
    return isOwn && Number.isFinite(kept.at) && isWhole(kept.report) ? kept : undefined;
  } catch {
    // Cut by a power failure, before anybody was told of it.
    return undefined;
  }
}

function isWhole(report: AgentReport): boolean {
  const known = parseReport(report.kind, report);
  const fields = new Map<string, unknown>(Object.entries(report));
  return (
    known !== undefined &&
    Object.keys(known).every((name) => {
      const value = fields.get(name);
      // The only one that a hook may leave out.
      return typeof value === "string" || (name === "turn" && value === undefined);
    })
  );
}
