// `mosaic hook run EVENT`: what an agent's runtime calls to report itself. It must never disturb the agent: it prints
// nothing and ends well, and what went wrong stands in a log.
import type { Context } from "../context.ts";
import { type AgentReport, parseReport } from "../domain/agent-report.ts";
import { reportOfHook } from "../domain/hook-events.ts";
import { agentNamePattern, hookLog } from "../domain/names.ts";
import { oneLine } from "../domain/terminal-text.ts";
import { AppError, exitCodes, usageError } from "../errors.ts";
import { queueOf } from "../store/messages.ts";
import { addReport } from "../store/reports.ts";
import { openStore } from "../store/store.ts";

/** Reads the event's JSON from standard input. Exit 0 but when no agent calls it, which is told as exit 2. */
export async function runHook(ctx: Context, event: string): Promise<number> {
  const { MOSAIC_AGENT: agent = "", MOSAIC_INSTANCE: instance = "" } = ctx.env;
  if (!agentNamePattern.test(agent) || instance === "") {
    throw usageError(
      "this is for the hooks of an agent that mosaic runs: MOSAIC_AGENT and MOSAIC_INSTANCE are not set",
      "mosaic agent status",
    );
  }
  const at = ctx.clock.now();
  try {
    const report = readReport(event, await ctx.io.readStdin());
    if (report === undefined) return exitCodes.ok;
    // Not closed but left to our end: the last one to close it writes everything into the file, which takes longer than
    // all else here.
    const store = await openStore(ctx);
    // What a power cut takes of a report, the next one says again; and the agent waits for the disk.
    store.script("PRAGMA synchronous = NORMAL");
    addReport(store, report, { agent, instance, at });
    const isFree = report.kind === "session-started" || report.kind.startsWith("turn-");
    if (isFree && queueOf(store, agent).length > 0) {
      const { startDelivery } = await import("./background.ts");
      startDelivery(ctx, agent);
    }
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    const line = `${new Date(at).toISOString()} ${agent} ${event}: ${error.message}\n`;
    await ctx.files.append(hookLog(ctx.paths), line, 0o600);
  }
  return exitCodes.ok;
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
