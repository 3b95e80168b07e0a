// The hosts of the team for `gateway status`: asked of the store and Valkey, as a gateway asks them, so that no credential goes
// over HTTP.
import type { Context } from "../../context.ts";
import { AppError } from "../../errors.ts";
import { joinTeam } from "../bus/bus.ts";
import { createPresence, type ShownHost } from "../bus/presence.ts";
import { gatewaySettings } from "../settings.ts";
import { currentVersion } from "../store/migrate.ts";
import { migrations } from "../store/migrations.ts";

/** A status is for somebody who waits. */
const mostMs = 3_000;

/** undefined without a team; why not, when they cannot be asked now. */
export async function teamHosts(ctx: Context): Promise<ShownHost[] | string | undefined> {
  try {
    const { tier, databaseUrl, valkeyUrl } = await gatewaySettings(ctx);
    if (tier === "local") return undefined;
    if (databaseUrl === undefined || valkeyUrl === undefined) return "their servers are not named";
    await using sql = await ctx.connectPostgres(databaseUrl.reveal());
    if ((await currentVersion(sql)) !== migrations.length) return "the store has another schema";
    const asked = (async () => {
      const team = await joinTeam(ctx, { sql, valkeyUrl });
      await using _ = team.valkey;
      return await createPresence(ctx, { team, sql, instance: "" }).look();
    })();
    const late = ctx.clock.sleep(mostMs).then(() => "the store does not answer");
    return await Promise.race([asked, late]);
  } catch (error) {
    if (error instanceof AppError) return error.message;
    throw error;
  }
}

/** One line per host. */
export function hostLines(hosts: readonly ShownHost[]): string[] {
  return hosts.map(({ name, state, isHere, agents, seenAt }) => {
    const names = agents.map((one) => `${one.name} (${one.activity ?? one.state})`).join(", ");
    const since = state === "up" ? "" : `, last seen ${seenAt}`;
    return `${name}${isHere ? " (this host)" : ""}: ${state}${since}; ${names || "no agents"}`;
  });
}
