// `mosaic agent reset NAME`: the agent anew, with its old conversation or (`--new`) with a new one.
import type { Context } from "../context.ts";
import { runtimes } from "../domain/runtimes.ts";
import { AppError, exitCodes } from "../errors.ts";
import { lastSession } from "../store/reports.ts";
import { findStore } from "../store/store.ts";
import { loadRoster, pickAgents } from "./load-roster.ts";
import { restartFleet } from "./restart.ts";

/** Exit code as `fleet restart NAME`. Throws AppError, exit 4, when there is no conversation to go on with. */
export async function resetAgent(
  ctx: Context,
  { name, fresh, json = false }: { name: string; fresh: boolean; json?: boolean },
): Promise<number> {
  if (fresh) return restartFleet(ctx, { names: [name], json });
  const [agent] = pickAgents(await loadRoster(ctx), [name]);
  if (agent === undefined) throw new Error("one agent was named, and none picked");
  const { title, resumeArgs } = runtimes[agent.runtime];
  if (resumeArgs.length === 0) throw nothingToResume(name, `${title} cannot resume one`);
  using store = await findStore(ctx);
  const session = store === undefined ? undefined : lastSession(store, name);
  if (session === undefined) throw nothingToResume(name, "it has not reported one");
  ctx.io.err(`mosaic: ${name} goes on with conversation ${session}\n`);
  return restartFleet(ctx, { names: [name], json, resume: new Map([[name, session]]) });
}

function nothingToResume(name: string, why: string): AppError {
  return new AppError(`there is no conversation of ${name} to go on with: ${why}`, {
    exitCode: exitCodes.refused,
    hint: `mosaic agent reset ${name} --new`,
  });
}
