// Ends one agent and everything below it, by the script that knows which processes those are.
import type { Child, Context } from "../context.ts";
import { agentFiles, toolFiles } from "../domain/names.ts";
import { livingAgents } from "../domain/sessions.ts";
import { listPanes } from "../fleet/observe.ts";
import type { AgentOutcome } from "./supervisor.ts";
import { failed, outcome } from "./outcome.ts";

export interface StopOptions {
  name: string;
  /** The script's whole environment. */
  env: Readonly<Record<string, string>>;
  /** Kill at once instead of asking first. */
  isHurried: boolean;
  /** Whether there was something to stop. */
  wasUp: boolean;
  /** Its script, when we run it. */
  child?: Child | undefined;
  /** That script had said that the agent is ready. */
  isReady?: boolean;
}

/** The script gives a runtime 5 s after SIGTERM and 2 s after SIGKILL. */
const stopTimeoutMs = 20_000;
const scriptTimeoutMs = 8_000;

/** stopped, already-stopped, or failed and why. Nothing of the agent is left unless it failed. */
export async function stopAgent(ctx: Context, options: StopOptions): Promise<AgentOutcome> {
  const { name, env, child } = options;
  const beganMs = ctx.clock.now();
  // A script that waits or creates would make the session after we have looked for it.
  if (child !== undefined && options.isReady !== true) await endScript(ctx, child);
  const argv = ["sh", toolFiles(ctx.paths).startAgentSession, "--stop", name];
  const stopEnv = { ...env, ...(options.isHurried ? { MOSAIC_STOP_SECONDS: "0" } : {}) };
  const done = await ctx.exec(argv, { env: stopEnv, timeoutMs: stopTimeoutMs });
  // By itself, since its pane is gone; the signal is for a script that did not notice.
  if (child !== undefined && options.isReady === true) await endScript(ctx, child, 2_000);
  const tookMs = ctx.clock.now() - beganMs;
  if (done.exitCode === 0) {
    return options.wasUp
      ? outcome(name, { result: "stopped", tookMs })
      : outcome(name, { result: "already-stopped" });
  }
  if (done.timedOut) {
    return failed(name, { reason: `not stopped within ${stopTimeoutMs / 1000} s`, tookMs });
  }
  const words = done.stderr.trim().split("\n").at(-1) ?? "";
  const reason = words.replace(`mosaic: ${name}: `, "") || `exit ${done.exitCode}`;
  return failed(name, { reason, tookMs });
}

/** Whether an agent that nobody supervises has a session of ours that lives. */
export async function livesUnsupervised(
  ctx: Context,
  socket: string,
  name: string,
): Promise<boolean> {
  // The script makes it with the session: without it there is nothing to ask tmux for.
  const mark = `${agentFiles(ctx.paths, name).dir}/instance`;
  if ((await ctx.files.stat(mark)) === undefined) return false;
  return livingAgents(await listPanes(ctx, socket)).includes(name);
}

/** Asks with SIGTERM after the given time, and with SIGKILL when that does not help. */
export async function endScript(ctx: Context, child: Child, afterMs = 0): Promise<void> {
  // However it ended, and whether or not it was let run.
  const ended = child.exited.then(
    () => true,
    () => true,
  );
  const later = (ms: number) => ctx.clock.sleep(ms).then(() => false);
  if (afterMs > 0 && (await Promise.race([ended, later(afterMs)]))) return;
  child.kill("SIGTERM");
  if (await Promise.race([ended, later(scriptTimeoutMs)])) return;
  child.kill("SIGKILL");
  await ended;
}
