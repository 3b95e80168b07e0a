// Which hosts of a team are there, and which agents each has. A living gateway says so every few seconds in Valkey, under a key
// that ends by itself; that there ever was such a host stands in the store. Valkey is the only witness of life: without it
// the other hosts are `unknown`, whatever was known before.
import * as v from "valibot";
import type { Context, SqlWork, Valkey } from "../../context.ts";
import { sha256Hex } from "../../domain/hash.ts";
import { AppError } from "../../errors.ts";
import type { ShownFleet } from "../fleet/fleet.ts";
import { type KnownHost, listHosts, putHost } from "../store/hosts.ts";
import type { Team } from "./bus.ts";

/** Between two signs of life, and how long one counts. */
export const beatMs = 3_000;
const livesMs = 10_000;

/** Between two rows in the store, when nothing but the time has changed. */
const rowEveryMs = 15_000;

/** A host that was seen for so long by nobody is forgotten. */
export const hostKeptMs = 30 * 24 * 60 * 60 * 1000;

const agentSchema = v.strictObject({
  name: v.string(),
  runtime: v.string(),
  /** `unknown` when its host is not there to say. */
  state: v.string(),
  activity: v.nullable(v.string()),
});

export const hostSchema = v.strictObject({
  id: v.string(),
  name: v.string(),
  /** `up`; `left`: its gateway ended and said so; `gone`: it fell silent; `unknown`: Valkey cannot be asked. */
  state: v.picklist(["up", "left", "gone", "unknown"]),
  /** Whether it is the one that answers. */
  isHere: v.boolean(),
  version: v.string(),
  /** ISO 8601, by the clock of that host. */
  seenAt: v.string(),
  agents: v.array(agentSchema),
});

export type ShownHost = v.InferOutput<typeof hostSchema>;

const signSchema = v.object({
  instance: v.string(),
  version: v.string(),
  at: v.number(),
  agents: v.array(v.object(agentSchema.entries)),
});

type Sign = v.InferOutput<typeof signSchema>;

/** Of this home on this host, whichever process serves it. */
export function hostId({ host, paths }: Pick<Context, "host" | "paths">): string {
  return sha256Hex(`${host.name}\0${paths.config}`).slice(0, 16);
}

export interface Presence {
  /** Tells the team that this host lives. Throws AppError when the store is away; Valkey was told by then. */
  beat(fleet: ShownFleet | undefined): Promise<void>;
  /** The gateway ends, and says so. */
  leave(): Promise<void>;
  /** Every host that is known, each as it is now. Throws AppError when the store is away. */
  look(): Promise<ShownHost[]>;
}

export function createPresence(
  ctx: Context,
  { team, sql, instance }: { team: Team; sql: SqlWork; instance: string },
): Presence {
  const { name, version } = ctx.host;
  const id = hostId(ctx);
  const key = signKey(team, id);
  let row: KnownHost | undefined;
  // What Valkey forgot while it was away, it is told again within a beat.
  let knowsFrom = 0;
  team.valkey.onUp(() => void (knowsFrom = ctx.clock.monotonic() + livesMs));
  return {
    async beat(fleet) {
      const at = ctx.clock.now();
      const agents = fleet === undefined ? [] : agentsOf(fleet);
      const sign: Sign = { instance, version, at, agents };
      await tellValkey(team.valkey, "SET", key, JSON.stringify(sign), "PX", String(livesMs));
      const next: KnownHost = { id, name, version, agents, seenAt: at, leftAt: undefined };
      const isSame = row !== undefined && namesOf(row) === namesOf(next);
      if (isSame && Math.abs(at - (row?.seenAt ?? 0)) < rowEveryMs) return;
      await putHost(sql, next);
      row = next;
    },
    async leave() {
      await tellValkey(team.valkey, "DEL", key);
      if (row === undefined) return;
      const at = ctx.clock.now();
      await putHost(sql, { ...row, seenAt: at, leftAt: at });
    },
    async look() {
      const known = await listHosts(sql);
      if (known.length === 0) return [];
      const keys = known.map((host) => signKey(team, host.id));
      const signs = await readSigns(team.valkey, keys);
      const isKnown = signs !== undefined && ctx.clock.monotonic() >= knowsFrom;
      return known.map((host, index) =>
        shownHost(host, { sign: signs?.[index], isKnown, isHere: host.id === id }),
      );
    },
  };
}

/** Those hosts with what this one sees of itself now, also before the team has heard of it. */
export function withOwn(hosts: readonly ShownHost[], own: ShownHost): ShownHost[] {
  return [own, ...hosts.filter(({ isHere }) => !isHere)];
}

/** The host that answers. */
export function ownHost(
  ctx: Pick<Context, "host" | "paths" | "clock">,
  fleet: ShownFleet,
): ShownHost {
  const { name, version } = ctx.host;
  const seenAt = new Date(ctx.clock.now()).toISOString();
  const agents = agentsOf(fleet);
  return { id: hostId(ctx), name, state: "up", isHere: true, version, seenAt, agents };
}

function shownHost(
  { id, name, version, agents, seenAt, leftAt }: KnownHost,
  { sign, isKnown, isHere }: { sign: Sign | undefined; isKnown: boolean; isHere: boolean },
): ShownHost {
  if (sign !== undefined) {
    const at = new Date(sign.at).toISOString();
    return {
      id,
      name,
      state: "up",
      isHere,
      version: sign.version,
      seenAt: at,
      agents: sign.agents,
    };
  }
  const state = leftAt !== undefined ? "left" : isKnown ? "gone" : "unknown";
  // Agents outlive their gateway: that it is silent says nothing of them.
  const unseen = agents.map((agent) => ({ ...agent, state: "unknown", activity: null }));
  const at = new Date(seenAt).toISOString();
  return { id, name, state, isHere, version, seenAt: at, agents: unseen };
}

/** undefined when Valkey cannot be asked; in it, undefined for a host that gives no sign. */
async function readSigns(
  valkey: Valkey,
  keys: readonly string[],
): Promise<(Sign | undefined)[] | undefined> {
  const answer = await tellValkey(valkey, "MGET", ...keys);
  if (!Array.isArray(answer)) return undefined;
  return answer.map((text: unknown) => {
    const read = v.safeParse(v.pipe(v.string(), v.parseJson(), signSchema), text);
    return read.success ? read.output : undefined;
  });
}

/** undefined while it is away: it comes back, and then hears the next sign. */
async function tellValkey(valkey: Valkey, ...[command, ...words]: [string, ...string[]]) {
  if (!valkey.isUp) return undefined;
  try {
    return await valkey.send(command, ...words);
  } catch (error) {
    if (error instanceof AppError) return undefined;
    throw error;
  }
}

function signKey({ name }: Team, id: string): string {
  return name("host", id);
}

function agentsOf({ agents }: ShownFleet): Sign["agents"] {
  return agents.map(({ name, runtime, state, activity }) => {
    return { name, runtime, state, activity: activity?.activity ?? null };
  });
}

function namesOf({ agents, version }: KnownHost): string {
  return [version, ...agents.map(({ name, runtime }) => `${name} ${runtime}`)].join("\n");
}
