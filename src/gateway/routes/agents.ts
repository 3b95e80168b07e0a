// Agents of this host: what they are doing, and start, stop, restart and reset.
import * as v from "valibot";
import type { ShownFleet } from "../fleet/fleet.ts";
import { note } from "../audit-call.ts";
import { hostSchema, ownHost, withOwn } from "../bus/presence.ts";
import type { Gateway } from "../gateway.ts";
import { Problem } from "../problem.ts";
import { route } from "./route.ts";

const candidateSchema = v.object({
  activity: v.string(),
  source: v.string(),
  at: v.string(),
  evidence: v.string(),
  detail: v.string(),
});

const agentSchema = v.strictObject({
  name: v.string(),
  runtime: v.string(),
  state: v.string(),
  source: v.string(),
  activity: v.nullable(
    v.object({ ...candidateSchema.entries, candidates: v.array(candidateSchema) }),
  ),
  reason: v.string(),
  pid: v.nullable(v.number()),
  pane: v.nullable(v.string()),
  attached: v.boolean(),
  startedAt: v.nullable(v.number()),
  supervised: v.nullable(v.string()),
  restarts: v.number(),
});

const outcomeSchema = v.strictObject({
  name: v.string(),
  result: v.string(),
  reason: v.string(),
  hint: v.string(),
  tookMs: v.number(),
});

const listRoute = route({
  method: "GET",
  path: "/api/v1/agents",
  summary: "the agents of this host, what they do, and the hosts of the team with theirs",
  access: "agents:read",
  answer: {
    status: 200,
    schema: v.strictObject({
      host: v.string(),
      supervisor: v.string(),
      agents: v.array(agentSchema),
      hosts: v.array(hostSchema),
    }),
  },
  async handle({ gateway }) {
    return new Response(await textOf(gateway, await gateway.fleet.look()), {
      headers: { "content-type": "application/json;charset=utf-8" },
    });
  },
});

const texts = new WeakMap<ShownFleet, Promise<string>>();

/** A look that many requests share is put into words once. */
function textOf({ ctx, presence }: Gateway, fleet: ShownFleet): Promise<string> {
  const known = texts.get(fleet);
  if (known !== undefined) return known;
  const text = (async () => {
    const hosts = withOwn((await presence?.look()) ?? [], ownHost(ctx, fleet));
    return JSON.stringify({ ...fleet, hosts });
  })();
  texts.set(fleet, text);
  text.catch(() => texts.delete(fleet));
  return text;
}

const oneRoute = route({
  method: "GET",
  path: "/api/v1/agents/{name}",
  summary: "one agent",
  access: "agents:read",
  answer: { status: 200, schema: agentSchema },
  async handle({ gateway, params: { name = "" } }) {
    const { agents } = await gateway.fleet.look();
    const agent = agents.find((one) => one.name === name);
    if (agent === undefined) throw new Problem("not-found", "the roster has no agent of this name");
    return { status: 200, body: agent };
  },
});

const actions = {
  start: "start the agent; one that runs is left alone",
  stop: "stop the agent, and all that it started",
  restart: "restart the agent, once, however many ask at this moment",
  reset: "restart the agent with its old conversation, or with a new one",
} as const;

const actionRoutes = (["start", "stop", "restart", "reset"] as const).map((action) =>
  route({
    method: "POST",
    path: `/api/v1/agents/{name}/${action}`,
    summary: actions[action],
    access: "agents:write",
    body: v.optional(
      action === "reset"
        ? v.strictObject({ new: v.optional(v.boolean(), false) })
        : v.strictObject({ new: v.optional(v.literal(false), false) }),
      { new: false },
    ),
    answer: { status: 200, schema: outcomeSchema },
    async handle({ gateway, params: { name = "" }, body, client }, principal) {
      if (!(await gateway.fleet.has(name))) {
        throw new Problem("not-found", "the roster has no agent of this name");
      }
      const told = { principal, action: `agent.${action}`, target: name, address: client.address };
      const outcome = await gateway.fleet.act(name, action, { isFresh: body.new });
      await note(gateway, { ...told, outcome: outcome.result });
      if (outcome.result === "failed") throw new Problem("conflict", `${name}: ${outcome.reason}`);
      return { status: 200, body: outcome };
    },
  }),
);

export const agentRoutes = [listRoute, oneRoute, ...actionRoutes];
