// `mosaic hook run EVENT`: what an agent's runtime calls to report itself. It must never disturb the agent: it prints
// nothing and ends well, and what went wrong stands in a log.
import type { Context } from "../context.ts";
import { type AgentReport, parseReport } from "../domain/agent-report.ts";
import { reportOfHook } from "../domain/hook-events.ts";
import { agentNamePattern } from "../domain/names.ts";
import { oneLine } from "../domain/terminal-text.ts";
import { AppError, exitCodes } from "../errors.ts";
import { queueLength } from "../store/messages.ts";
import { addReport } from "../store/reports.ts";
import { openStore } from "../store/store.ts";
import { logHookFault } from "./hook-log.ts";
import { keepReport, type LateReport, takeLateReports } from "./late-reports.ts";

/**
 * The agent waits for its hook. A store that another process keeps for longer than this gets the report later: opening it,
 * what was late before, and the report itself may each meet such a one, and the first that does ends the wait.
 */
const patienceMs = 150;

/** Reads the event's JSON from standard input. Exit 0, but 1 when no agent calls it: 2 would block a step of Claude Code. */
export async function runHook(ctx: Context, event: string): Promise<number> {
  const { MOSAIC_AGENT: agent = "", MOSAIC_INSTANCE: instance = "" } = ctx.env;
  if (!agentNamePattern.test(agent) || instance === "") {
    throw new AppError(
      "this is for the hooks of an agent that mosaic runs: MOSAIC_AGENT and MOSAIC_INSTANCE are not set",
      { hint: "mosaic agent status" },
    );
  }
  await reportHook(ctx, event, await ctx.io.readStdin());
  return exitCodes.ok;
}

/** Keeps what the event tells of the agent whose environment this is; a fault that can be acted on goes to the log. */
export async function reportHook(caller: Context, event: string, text: string): Promise<void> {
  const ctx = inState(caller);
  const { MOSAIC_AGENT: agent = "", MOSAIC_INSTANCE: instance = "" } = ctx.env;
  const at = ctx.clock.now();
  try {
    const report = readReport(event, text);
    if (report === undefined) return;
    const end = await addOrKeep(ctx, { report, agent, instance, at });
    const isFree = report.kind === "session-started" || report.kind.startsWith("turn-");
    if (end === "late" || (isFree && end.queued > 0)) {
      const { startDelivery } = await import("./background.ts");
      startDelivery(ctx, agent);
    }
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    await logHookFault(ctx, `${agent} ${event}`, error.message);
  }
}

/** How many messages wait; `late`: the store is locked, and the report is kept for the one who comes next. */
async function addOrKeep(ctx: Context, late: LateReport): Promise<{ queued: number } | "late"> {
  try {
    // Not closed but left to our end: the last one to close it writes everything into the file, which takes longer than
    // all else here.
    const store = await openStore(ctx, { patienceMs });
    // What a power cut takes of a report, the next one says again; and the agent waits for the disk.
    store.script("PRAGMA synchronous = NORMAL");
    if (!(await takeLateReports(ctx, store, { agent: late.agent, patienceMs }))) {
      await keepReport(ctx, late);
      return "late";
    }
    addReport(store, late.report, late);
    return { queued: queueLength(store, late.agent) };
  } catch (error) {
    if (!(error instanceof AppError) || error.exitCode !== exitCodes.busy) throw error;
    await keepReport(ctx, late);
    return "late";
  }
}

/** In the state folder of the fleet that runs the agent, which is no other mosaic's business. */
function inState(ctx: Context): Context {
  const { MOSAIC_HOOK_STATE: state } = ctx.env;
  return state === undefined || state === ""
    ? ctx
    : { ...ctx, paths: { ...ctx.paths, state }, env: { ...ctx.env, MOSAIC_STATE: state } };
}

function readReport(event: string, text: string): AgentReport | undefined {
  let payload: unknown;
  try {
    payload = text.trim() === "" ? {} : JSON.parse(text);
  } catch {
    throw new AppError(`not JSON: ${oneLine(text.slice(0, 80))}`);
  }
  return parseReport(event, payload) ?? reportOfHook(event, payload);
}
