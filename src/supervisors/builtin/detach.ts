// Takes our hands off one agent: its script ends, the agent lives on, and the next supervisor takes it over.
import type { Context } from "../../context.ts";
import { type Managed, phaseOf } from "./managed.ts";
import { endScript } from "../stop-agent.ts";

/** Longer than any runtime's settle time. Whoever takes longer is ended, and started again by the next supervisor. */
const startPatienceMs = 15_000;

export interface DetachOptions {
  /** From here on an end of the script is no end of the agent. */
  detached: () => void;
  /** Resolves at the next change of any agent. */
  changed: () => Promise<void>;
}

/** Whether it has no session and has to be started by the next supervisor. */
export async function detachAgent(
  ctx: Context,
  managed: Managed,
  { detached, changed }: DetachOptions,
): Promise<boolean> {
  await managed.stop;
  // A signal to a script whose agent is not up yet ends that agent: it would leave nothing half-started.
  const settled = new AbortController();
  const late = ctx.clock.sleep(startPatienceMs, settled.signal).then(() => true);
  while (phaseOf(managed) === "starting" && managed.child !== undefined) {
    if (await Promise.race([changed().then(() => false), late])) break;
  }
  settled.abort();
  const { child } = managed;
  const phase = phaseOf(managed);
  if (phase === "stopped" || phase === "failed") return false;
  detached();
  if (child !== undefined) await endScript(ctx, child);
  return phase !== "running";
}
