// `mosaic agent messages`: what was sent, and how far it came.
import type { Context } from "../context.ts";
import { roughDuration } from "../domain/duration.ts";
import { formatTable } from "../domain/table.ts";
import { sanitized } from "../domain/message.ts";
import { oneLine } from "../domain/terminal-text.ts";
import { exitCodes, usageError } from "../errors.ts";
import { findMessage, listMessages } from "../store/messages.ts";
import { loadRoster, pickAgents } from "../fleet/load-roster.ts";
import { findStore } from "../store/store.ts";
import { trackedJson } from "./report.ts";
import { type Tracked, withReceipts } from "./track.ts";

export interface ListOptions {
  agent: string | undefined;
  id: string | undefined;
  limit: number;
  json: boolean;
}

/**
 * The newest last. Throws AppError, exit 2, for an id that was never sent, and for an agent that nobody knows; one that has
 * left the roster is known by its messages.
 */
export async function messagesCommand(ctx: Context, options: ListOptions): Promise<number> {
  using store = await findStore(ctx);
  const { id, agent, limit, json } = options;
  const one = id === undefined || store === undefined ? undefined : findMessage(store, id);
  if (id !== undefined && one === undefined) {
    throw usageError(`there is no message ${JSON.stringify(id)}`, "mosaic agent messages");
  }
  if (one !== undefined && agent !== undefined && one.agent !== agent) {
    const hint = `mosaic agent messages --id ${one.id}`;
    throw usageError(`message ${one.id} is to ${one.agent}, not to ${agent}`, hint);
  }
  const messages =
    one === undefined ? ((store && listMessages(store, { agent, limit })) ?? []) : [one];
  if (agent !== undefined && messages.length === 0) pickAgents(await loadRoster(ctx), [agent]);
  const tracked =
    store === undefined ? [] : messages.map((message) => withReceipts(store, message));
  if (json) {
    const document = { schemaVersion: 1, messages: tracked.map(trackedJson) };
    ctx.io.out(`${JSON.stringify(document, null, 2)}\n`);
  } else if (one !== undefined) {
    ctx.io.out(tracked.map(pageOf).join(""));
  } else {
    const now = ctx.clock.now();
    const rows = tracked.map((each) => rowOf(each, now));
    const headers = ["ID", "AGENT", "FROM", "AGE", "STATUS", "TEXT", ""];
    const columns = ctx.io.stdoutIsTty ? ctx.io.columns : Number.POSITIVE_INFINITY;
    ctx.io.out(formatTable({ headers, rows, columns }));
  }
  return exitCodes.ok;
}

function rowOf({ message, last }: Tracked, now: number): string[] {
  const { id, agent, label, status, body, createdAt } = message;
  const isFault = !["queued", "submitted", "accepted", "answered"].includes(status);
  const reason = isFault || (status === "queued" && last.cause !== "") ? last.evidence : "";
  const text = oneLine(body.slice(0, 200)).slice(0, 40);
  return [id, agent, label, roughDuration(now - createdAt), status, text, reason];
}

function pageOf({ message, receipts }: Tracked): string {
  const { id, agent, label, body, answer } = message;
  const rows = receipts.map(({ status, at, source, evidence }) => [
    status,
    new Date(at).toISOString(),
    source,
    evidence,
  ]);
  const headers = ["STATUS", "AT", "SOURCE", "EVIDENCE"];
  const table = formatTable({ headers, rows, columns: Number.POSITIVE_INFINITY });
  const said = answer === undefined ? "" : `\nanswer:\n${sanitized(answer).trimEnd()}\n`;
  // As it is typed: what steers a terminal is no part of it.
  const text = sanitized(body).trimEnd();
  return `message ${id} to ${agent}, from ${label}\n\n${table}\ntext:\n${text}\n${said}`;
}
