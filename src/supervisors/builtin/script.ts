// One run of start-agent-session.sh NAME as our child: its lines, its end, and what happens when it is never ready.
import type { Child, Context } from "../../context.ts";
import type { HeldLock } from "../../lock/held-lock.ts";
import { toolFiles } from "../../domain/names.ts";
import { startTimeoutMs, type UnitEnd } from "../../domain/restart-policy.ts";
import type { RestartPolicy } from "../../domain/roster.ts";

export interface ScriptOptions {
  name: string;
  policy: RestartPolicy;
  /** The script's whole environment. */
  env: Readonly<Record<string, string>>;
  /** The agent's restart lock, under which the script runs for as long as that is ours. */
  lock: Pick<HeldLock, "env" | "gate"> | undefined;
  /** Returns whether the agent is ready by now. */
  onLine(line: string): boolean;
  /** It is being ended because it was not ready in time. */
  onLate(afterMs: number): void;
}

/** Starts the script; `ended` resolves after its last line. Throws AppError when it cannot be started. */
export function runScript(
  ctx: Context,
  options: ScriptOptions,
): { child: Child; ended: Promise<UnitEnd> } {
  const { lock } = options;
  const settled = new AbortController();
  const child = ctx.spawn(["sh", toolFiles(ctx.paths).startAgentSession, options.name], {
    env: { ...options.env, ...lock?.env },
    ...(lock === undefined ? {} : { gate: lock.gate }),
    onLine(line) {
      if (options.onLine(line)) settled.abort();
    },
  });
  const ended = child.exited.finally(() => settled.abort());
  const afterMs = startTimeoutMs(options.policy);
  void ctx.clock.sleep(afterMs, settled.signal).then(() => {
    if (settled.signal.aborted) return;
    options.onLate(afterMs);
    child.kill("SIGTERM");
  });
  return { child, ended };
}
