// The timer of the builtin supervisor for messages that wait: a deliverer that was killed while it waited, behind a person's
// draft for example, is followed by another one. (Under systemd it is a service that is started again.)
import type { Context } from "../../context.ts";
import { agentFiles } from "../../domain/names.ts";
import type { Roster } from "../../domain/roster.ts";
import { livingAgents } from "../../domain/sessions.ts";
import { AppError } from "../../errors.ts";
import { listPanes } from "../../fleet/observe.ts";
import { loadRoster } from "../../fleet/load-roster.ts";
import { startDelivery } from "../../messages/background.ts";
import { agentsWithQueue, expireOld } from "../../store/messages.ts";
import { findStore } from "../../store/store.ts";

const everyMs = 10_000;

/** Until the signal is aborted. A fault, such as a roster that is half saved, costs one look and is said once. */
export async function keepQueues(ctx: Context, signal: AbortSignal): Promise<void> {
  const said = new Set<string>();
  while (!signal.aborted) {
    await ctx.clock.sleep(everyMs, signal);
    if (signal.aborted) return;
    try {
      await tryQueues(ctx, await loadRoster(ctx));
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      if (!said.has(error.message)) {
        ctx.io.err(`cannot look for messages that wait: ${error.message}\n`);
      }
      said.add(error.message);
    }
  }
}

/** A deliverer for each living agent whose messages wait and that has none; what is too old expires for the others too. */
async function tryQueues(ctx: Context, { socket, agents }: Roster): Promise<void> {
  using store = await findStore(ctx);
  const waiting = store === undefined ? [] : agentsWithQueue(store);
  if (store === undefined || waiting.length === 0) return;
  const living = livingAgents(await listPanes(ctx, socket));
  // Also for one that has left the roster.
  for (const name of waiting) expireOld(store, name, ctx.clock.now());
  for (const { name } of agents.filter((agent) => waiting.includes(agent.name))) {
    if (living.includes(name) && (await isAlone(ctx, name))) startDelivery(ctx, name);
  }
}

async function isAlone(ctx: Context, agent: string): Promise<boolean> {
  using stays = await ctx.files.tryLock(agentFiles(ctx.paths, agent).delivering);
  return stays !== undefined;
}
