// Messages of this host: into the queue by the same use case as `agent send`, out of it by the same deliverer, and a copy
// into the gateway's store.
import type { Context, SqlServer } from "../../context.ts";
import { AppError, exitCodes } from "../../errors.ts";
import { pickAgents } from "../../fleet/load-roster.ts";
import { listPanes } from "../../fleet/observe.ts";
import { deliverWaiting } from "../../messages/deliver-waiting.ts";
import { enqueue } from "../../messages/enqueue.ts";
import { checkText, cleanLabel } from "../../messages/text.ts";
import { type Tracked, withReceipts } from "../../messages/track.ts";
import { keepMessage } from "../../store/claims.ts";
import type { StoredMessage } from "../../store/message-rows.ts";
import { agentsWithQueue, changedSince, findMessage } from "../../store/messages.ts";
import { type MirroredMessage, putMessage } from "../store/messages.ts";
import type { Fleet } from "./fleet.ts";
import { type HostStore, openHostStore } from "./host-store.ts";

export interface SendRequest {
  agent: string;
  text: string;
  /** Who it is from; never what the sender calls itself. */
  email: string;
  userId: string;
  key: string | undefined;
  isNow: boolean;
  ttlMs: number;
}

export interface Sent {
  message: MirroredMessage;
  isNew: boolean;
}

export interface HostMessages extends AsyncDisposable {
  /** The message is on the disk when this resolves. Throws AppError as `agent send` does. */
  send(request: SendRequest): Promise<Sent>;
  /** Of this host, as it stands now; undefined when it has none of this id. */
  find(id: string): MirroredMessage | undefined;
  /** Copies what changed since, and has delivered what waits for living agents. Throws AppError when a store fails. */
  tick(): Promise<void>;
  /** Whether messages can be taken. */
  isUp(): boolean;
}

/** Rows that are copied within one transaction. */
const batchSize = 500;

/** Opens state.db and keeps it open; another one that took its place is used by the next look. */
export async function openHostMessages(
  ctx: Context,
  { fleet, sql }: { fleet: Fleet; sql: SqlServer },
): Promise<HostMessages> {
  const host = await openHostStore(ctx);
  const delivering = new Map<string, Promise<void>>();
  let copied = 0;

  const deliver = (agent: string): void => {
    if (delivering.has(agent)) return;
    const work = deliverWaiting(ctx, agent)
      .then(() => undefined, faultsOnly(ctx, agent))
      .finally(() => delivering.delete(agent));
    delivering.set(agent, work);
  };
  const deliverToLiving = async (agents: readonly string[]): Promise<void> => {
    if (agents.length === 0) return;
    const { socket } = await fleet.roster();
    const { owner, panes } = await listPanes(ctx, socket);
    if (owner !== "ours") return;
    const living = panes.filter(({ isDead }) => !isDead).map(({ agent }) => agent);
    for (const agent of agents) if (living.includes(agent)) deliver(agent);
  };
  // One look at a time, for all that came meanwhile.
  const wanted = new Set<string>();
  let isLooking = false;
  const lookAgain = async (): Promise<void> => {
    isLooking = true;
    while (wanted.size > 0) {
      const agents = [...wanted];
      wanted.clear();
      await deliverToLiving(agents).catch(faultsOnly(ctx, agents.join(", ")));
    }
    isLooking = false;
  };
  const wake = (agent: string): void => {
    wanted.add(agent);
    if (!isLooking) void lookAgain();
  };

  return {
    async send({ agent, text, email, userId, key, isNow, ttlMs }) {
      pickAgents(await fleet.roster(), [agent]);
      checkText(text, "POST /api/v1/agents/NAME/messages");
      const label = cleanLabel(`${ctx.host.name}:${email}`);
      const { message, isNew } = host.use((store) =>
        store.transaction(() => {
          // The same key of another account is another message.
          const own = key === undefined ? undefined : `api:${userId}:${key}`;
          const sender = { sender: undefined, key: own, label };
          const queued = enqueue(ctx, store, { ...sender, agent, body: text, isNow, ttlMs });
          // Its sender does not wait: it stays in the queue for as long as it may.
          if (queued.isNew) keepMessage(store, queued.message);
          return queued;
        }),
      );
      const mirrored = host.use((store) => mirror(ctx, withReceipts(store, message), userId));
      await putMessage(sql, mirrored);
      // Not waited for: the answer says that it is queued.
      wake(agent);
      return { message: mirrored, isNew };
    },
    find(id) {
      return host.use((store) => {
        const message = findMessage(store, id);
        return message === undefined ? undefined : mirror(ctx, withReceipts(store, message));
      });
    },
    async tick() {
      // A new one begins to count anew.
      if (await host.renew()) copied = 0;
      // First, since a store that is away must not keep an agent from its messages.
      await deliverToLiving(host.use(agentsWithQueue));
      for (;;) {
        const { messages, receipt } = host.use((store) => changedSince(store, copied, batchSize));
        if (receipt === copied) break;
        await copy(ctx, { host, sql, messages });
        copied = receipt;
      }
    },
    isUp: () => host.isUp(),
    async [Symbol.asyncDispose]() {
      // A delivery that is cut off leaves a message of which nobody knows whether it was typed.
      await Promise.race([Promise.all(delivering.values()), ctx.clock.sleep(lastDeliveryMs)]);
      host[Symbol.dispose]();
    },
  };
}

/** Longer than one message takes to type. */
const lastDeliveryMs = 5_000;

async function copy(
  ctx: Context,
  { host, sql, messages }: { host: HostStore; sql: SqlServer; messages: StoredMessage[] },
): Promise<void> {
  const rows = host.use((store) =>
    messages.map((message) => mirror(ctx, withReceipts(store, message))),
  );
  await sql.transaction(async (tx) => {
    for (const row of rows) await putMessage(tx, row);
  });
}

function mirror(
  ctx: Context,
  { message, receipts, last }: Tracked,
  userId?: string,
): MirroredMessage {
  const { id, agent, label, body, status, answer, createdAt, expiresAt } = message;
  return {
    host: ctx.host.name,
    id,
    agent,
    label,
    userId,
    body,
    status,
    reason: last.evidence,
    answer,
    receipts: receipts.map(({ at, ...rest }) => ({ ...rest, at: new Date(at).toISOString() })),
    createdAt,
    expiresAt,
  };
}

/** An agent that left the roster, or a tmux that does not answer: the message waits, and its receipt says so. */
function faultsOnly(ctx: Context, agent: string): (error: unknown) => void {
  return (error) => {
    if (!(error instanceof AppError)) throw error;
    const isUsual = error.exitCode === exitCodes.usage || error.exitCode === exitCodes.busy;
    if (!isUsual) ctx.io.err(`mosaic: cannot deliver to ${agent} now: ${error.message}\n`);
  };
}
