// What the gateways of one team share besides the store: counters of attempts, and what they tell each other. All of it is
// in Valkey, which may be away: then each gateway goes on by itself, says so in /readyz, and loses nothing, since whatever
// has to last is in the store.
import type { Context, SqlWork, Valkey } from "../../context.ts";
import type { Secret } from "../../domain/secret.ts";
import { type Limiter, memoryLimiter } from "../guards/rate-limit.ts";
import type { OpenedStore } from "../open-store.ts";
import type { GatewaySettings } from "../settings.ts";
import { claimFact } from "../store/facts.ts";
import { createStreams, type Streams } from "../streams.ts";
import { sharedLimiter } from "./shared-limiter.ts";
import { sharedStreams } from "./shared-streams.ts";

export interface Bus extends AsyncDisposable {
  /** `none`: a gateway alone has nobody to talk to, and misses nothing. */
  readonly state: "none" | "up" | "down";
  limiter: Limiter;
  streams: Streams;
  /** undefined without a team. */
  team: Team | undefined;
}

/** The others, as long as Valkey is up. */
export interface Team {
  valkey: Valkey;
  /** A key or channel of this team alone: two teams may use one Valkey. */
  name: (...parts: readonly string[]) => string;
}

/** Resolves whether Valkey is there or not. */
export async function openBus(
  ctx: Context,
  settings: Pick<GatewaySettings, "tier" | "valkeyUrl">,
  { sql }: Pick<OpenedStore, "sql">,
): Promise<Bus> {
  const limiter = memoryLimiter(ctx.clock);
  const streams = createStreams();
  if (settings.tier === "local") {
    return { state: "none", limiter, streams, team: undefined, [Symbol.asyncDispose]: nothing };
  }
  if (settings.valkeyUrl === undefined) throw new Error("the tier team without Valkey");
  const team = await joinTeam(ctx, { sql, valkeyUrl: settings.valkeyUrl });
  const { valkey } = team;
  return {
    get state() {
      return valkey.isUp ? "up" : "down";
    },
    limiter: sharedLimiter(team, limiter),
    streams: sharedStreams(team, streams),
    team,
    [Symbol.asyncDispose]: () => valkey[Symbol.asyncDispose](),
  };
}

/** Resolves whether Valkey is there or not; whoever asks ends the connection. */
export async function joinTeam(
  ctx: Context,
  { sql, valkeyUrl }: { sql: SqlWork; valkeyUrl: Secret },
): Promise<Team> {
  // 128 bits that only who may read the store knows.
  const id = await claimFact(sql, { name: "team", value: ctx.randomHex(32) });
  const valkey = await ctx.connectValkey(valkeyUrl.reveal());
  return { valkey, name: (...parts) => ["mosaic", id, ...parts].join(":") };
}

async function nothing(): Promise<void> {}
