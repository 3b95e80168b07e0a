// A team of gateways: one PostgreSQL, one Valkey, and any number of hosts with a fleet and a gateway each.
import { type BuiltinFleet, builtinFleet } from "./builtin-fleet.ts";
import { type TestGateway, testGateway } from "./gateway.ts";
import { mosaicBinary } from "./mosaic-binary.ts";
import { type PostgresServer, postgresServer } from "./postgres-server.ts";
import { type ValkeyServer, valkeyServer } from "./valkey-server.ts";

export interface TeamHost {
  fleet: BuiltinFleet;
  gateway: TestGateway;
}

export interface TestTeam extends AsyncDisposable {
  postgres: PostgresServer;
  valkey: ValkeyServer;
  /** Of an empty database of this name. */
  env(database: string): Promise<Record<string, string>>;
  /** A home with these agents, of which those in `start` run, and its gateway; the first one of a team brings the admin. */
  host(options: {
    env: Readonly<Record<string, string>>;
    agents: string;
    start?: readonly string[];
    hasAdmin?: boolean;
    isStarted?: boolean;
    /** What the gateway takes for the name of its host; default: that of this machine. */
    hostname?: string;
  }): Promise<TeamHost>;
}

/** Nothing but the two servers runs yet. `await using` ends all that was started through it. */
export async function testTeam(): Promise<TestTeam> {
  // First what may fail: nobody would end the servers.
  const binary = await mosaicBinary();
  const postgres = await postgresServer();
  const valkey = await valkeyServer();
  const hosts: Partial<TeamHost>[] = [];
  return {
    postgres,
    valkey,
    env: async (database) => ({
      MOSAIC_STORAGE_TIER: "team",
      MOSAIC_DATABASE_URL: await postgres.database(database),
      MOSAIC_VALKEY_URL: valkey.url,
      MOSAIC_RATE_LIMIT: "1000000",
    }),
    async host({ env, agents, start = [], hostname, ...options }) {
      const fleet = builtinFleet({ agents, self: [binary], env });
      const host: Partial<TeamHost> = { fleet };
      hosts.push(host);
      if (start.length > 0) {
        const started = await fleet.mosaic("fleet", "start", ...start);
        if (started.exitCode !== 0) throw new Error(started.stderr);
      }
      const gateway = await testGateway({
        env: fleet.env,
        through: hostname === undefined ? [] : namedHost(hostname),
        ...options,
      });
      host.gateway = gateway;
      return { fleet, gateway };
    },
    async [Symbol.asyncDispose]() {
      for (const { fleet, gateway } of hosts) {
        await gateway?.[Symbol.asyncDispose]();
        await fleet?.[Symbol.asyncDispose]();
      }
      await valkey[Symbol.asyncDispose]();
      await postgres[Symbol.asyncDispose]();
    },
  };
}

/** What runs through it sees a host of that name (uts_namespaces(7)). */
function namedHost(hostname: string): string[] {
  return ["unshare", "--uts", "sh", "-c", 'hostname "$0" && exec "$@"', hostname];
}
