// `mosaic agent messages NAME --drop`, or `--id ID --drop`: what waits is not delivered any more.
import type { Context } from "../context.ts";
import { AppError, exitCodes, usageError } from "../errors.ts";
import { loadRoster, pickAgents } from "../fleet/load-roster.ts";
import type { StoredMessage } from "../store/message-rows.ts";
import { findMessage, queueOf } from "../store/messages.ts";
import { endUntouched } from "../store/receipts.ts";
import { findStore } from "../store/store.ts";

/**
 * Says which were dropped. Throws AppError: exit 2 for an agent or an id that nobody knows, 4 when the one message waits no more or
 * is being typed, which is brought to its end.
 */
export async function dropMessages(
  ctx: Context,
  { agent, id }: { agent: string | undefined; id: string | undefined },
): Promise<number> {
  if (agent === undefined && id === undefined) {
    throw usageError("--drop takes an agent, or --id", "mosaic agent messages");
  }
  using store = await findStore(ctx);
  const one = id === undefined || store === undefined ? undefined : findMessage(store, id);
  if (id !== undefined && (one === undefined || (agent ?? one.agent) !== one.agent)) {
    const to = agent === undefined ? "" : ` to ${agent}`;
    throw usageError(`there is no message ${JSON.stringify(id)}${to}`, "mosaic agent messages");
  }
  const waiting =
    one === undefined && agent !== undefined && store !== undefined ? queueOf(store, agent) : [];
  const these: StoredMessage[] = one === undefined ? waiting : [one];
  if (agent !== undefined && these.length === 0) pickAgents(await loadRoster(ctx), [agent]);
  const at = ctx.clock.now();
  const receipt = {
    at,
    source: "sender",
    evidence: "dropped by a person",
    cause: "dropped",
  } as const;
  const dropped = these.filter(
    (message) =>
      store !== undefined && endUntouched(store, message, { status: "refused", ...receipt }),
  );
  for (const message of dropped) ctx.io.out(`dropped ${message.id} to ${message.agent}\n`);
  if (one !== undefined && dropped.length === 0) {
    const why = one.status === "queued" ? "it is being typed" : `it is ${one.status}`;
    throw new AppError(`message ${one.id} cannot be dropped: ${why}`, {
      exitCode: exitCodes.refused,
      hint: `mosaic agent messages --id ${one.id}`,
    });
  }
  if (one === undefined && dropped.length === 0) ctx.io.err(`no message waits for ${agent}\n`);
  return exitCodes.ok;
}
