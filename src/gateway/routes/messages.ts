// Messages to agents, and what became of them.
import * as v from "valibot";
import { maxKeyLength } from "../../messages/enqueue.ts";
import { maxBodyBytes } from "../guards/body.ts";
import { Problem } from "../problem.ts";
import { findMessage, listMessages, type MirroredMessage } from "../store/messages.ts";
import { numberQuery, route } from "./route.ts";

const messageSchema = v.strictObject({
  id: v.string(),
  host: v.string(),
  agent: v.string(),
  label: v.string(),
  text: v.string(),
  status: v.string(),
  reason: v.string(),
  answer: v.nullable(v.string()),
  createdAt: v.string(),
  expiresAt: v.string(),
  receipts: v.array(
    v.strictObject({
      status: v.string(),
      at: v.string(),
      source: v.string(),
      evidence: v.string(),
      cause: v.string(),
    }),
  ),
});

const dayMs = 24 * 60 * 60 * 1000;

/** The latest time that a Date holds (ECMA-262, time values). */
const endOfTime = 8.64e15;

export const messageRoutes = [
  route({
    method: "POST",
    path: "/api/v1/agents/{name}/messages",
    summary: "send a message to an agent; the same Idempotency-Key never types twice",
    access: "messages:send",
    bodyBytes: maxBodyBytes,
    body: v.strictObject({
      text: v.pipe(v.string(), v.minLength(1), v.maxLength(1_000_000)),
      when: v.optional(v.picklist(["idle", "now"]), "idle"),
      ttlMs: v.optional(
        v.pipe(v.number(), v.integer(), v.minValue(1000), v.maxValue(30 * dayMs)),
        dayMs,
      ),
    }),
    answer: { status: 202, schema: messageSchema },
    async handle({ gateway, params: { name = "" }, body, request }, principal) {
      if (!(await gateway.fleet.has(name))) {
        throw new Problem("not-found", "the roster has no agent of this name");
      }
      const key = request.headers.get("idempotency-key") ?? undefined;
      if (key !== undefined && (key.trim() === "" || key.length > maxKeyLength)) {
        throw new Problem(
          "invalid-request",
          `Idempotency-Key takes 1 to ${maxKeyLength} characters`,
        );
      }
      const { message, isNew } = await gateway.messages.send({
        agent: name,
        text: body.text,
        email: principal.email,
        userId: principal.userId,
        key,
        isNow: body.when === "now",
        ttlMs: body.ttlMs,
      });
      gateway.metrics.count("mosaic_messages_total", { new: String(isNew) });
      const headers = { location: `/api/v1/messages/${message.id}` };
      return { status: 202, body: messageJson(message), headers };
    },
  }),
  route({
    method: "GET",
    path: "/api/v1/messages",
    summary: "the newest messages, of one agent or of all; `before` goes on with older ones",
    access: "messages:read",
    query: v.strictObject({
      agent: v.optional(v.pipe(v.string(), v.maxLength(40))),
      limit: numberQuery({ least: 1, most: 1000, fallback: 50 }),
      before: numberQuery({ least: 0, most: endOfTime, fallback: endOfTime }),
    }),
    answer: { status: 200, schema: v.strictObject({ messages: v.array(messageSchema) }) },
    async handle({ gateway, query: { agent, limit, before } }) {
      const { ctx, sql } = gateway;
      const found = await listMessages(sql, { host: ctx.host.name, agent, limit, before });
      // Of this host's it is known better how they stand.
      const messages = found.map((one) => own(gateway.messages.find(one.id), one));
      return { status: 200, body: { messages: messages.map(messageJson) } };
    },
  }),
  route({
    method: "GET",
    path: "/api/v1/messages/{id}",
    summary: "one message, with all its receipts",
    access: "messages:read",
    answer: { status: 200, schema: messageSchema },
    async handle({ gateway, params: { id = "" } }) {
      const message = gateway.messages.find(id) ?? (await findMessage(gateway.sql, id));
      if (message === undefined) throw new Problem("not-found", "there is no message of this id");
      return { status: 200, body: messageJson(message) };
    },
  }),
];

function own(here: MirroredMessage | undefined, copy: MirroredMessage): MirroredMessage {
  return here?.host === copy.host ? here : copy;
}

function messageJson(message: MirroredMessage) {
  const { id, host, agent, label, body, status, reason, answer = null, receipts } = message;
  const createdAt = new Date(message.createdAt).toISOString();
  const expiresAt = new Date(message.expiresAt).toISOString();
  const said = { id, host, agent, label, text: body, status, reason, answer };
  return { ...said, createdAt, expiresAt, receipts };
}
