// All that a request may use. Put together once, in run.ts, and handed to every route.
import type { Context, SqlServer } from "../context.ts";
import type { Passwords } from "./auth/passwords.ts";
import type { Bus } from "./bus/bus.ts";
import type { Presence } from "./bus/presence.ts";
import type { RemoteTails } from "./bus/remote-tails.ts";
import type { FaultLog } from "./faults.ts";
import type { Fleet } from "./fleet/fleet.ts";
import type { HostMessages } from "./fleet/messages.ts";
import type { Tails } from "./fleet/tails.ts";
import type { Limiter } from "./guards/rate-limit.ts";
import type { Metrics } from "./metrics.ts";
import type { GatewaySettings } from "./settings.ts";
import type { Streams } from "./streams.ts";

export interface Gateway {
  ctx: Context;
  settings: GatewaySettings;
  sql: SqlServer;
  /** How many steps of the schema the store has. */
  schemaVersion: number;
  bus: Bus;
  /** undefined for a gateway without a team. */
  presence: Presence | undefined;
  passwords: Passwords;
  limiter: Limiter;
  fleet: Fleet;
  messages: HostMessages;
  tails: Tails;
  /** Of other hosts; undefined without a team. */
  remoteTails: RemoteTails | undefined;
  streams: Streams;
  metrics: Metrics;
  faults: FaultLog;
  /** Names this run of the gateway. */
  instance: string;
  /** Epoch milliseconds. */
  startedAt: number;
}
