// What the gateway runs on, from the table of settings, and what of it contradicts itself.
import type { Context } from "../context.ts";
import {
  type LoadedSettings,
  loadSettings,
  type SettingFlags,
  settingsError,
} from "../config/load.ts";
import { isLoopback } from "../domain/addresses.ts";
import type { Secret } from "../domain/secret.ts";
import { settingKeys, settings as table, type SettingValues } from "../domain/settings.ts";
import type { SettingFault } from "../domain/settings-resolve.ts";

export interface GatewaySettings {
  tier: "local" | "team";
  /** The address to listen on. */
  host: string;
  port: number;
  databaseUrl: Secret | undefined;
  valkeyUrl: Secret | undefined;
  anthropicApiKey: Secret | undefined;
  corsOrigin: string;
  /** Somebody asked for that origin, so its pages may use cookies. */
  isCorsExplicit: boolean;
  allowedHosts: readonly string[];
  trustedProxies: readonly string[];
  /** Requests per minute of one account, and of one address. */
  rateLimit: number;
  /** How long entries of the audit are kept. */
  auditDays: number;
}

/** Throws AppError, exit 2, that tells every fault. */
export async function gatewaySettings(
  ctx: Context,
  flags: SettingFlags = {},
): Promise<GatewaySettings> {
  const loaded = await loadSettings(ctx, flags);
  const faults = [...loaded.faults, ...exposureFaults(loaded.values)];
  if (faults.length > 0) throw settingsError(faults);
  return settingsOf(loaded);
}

/** Of values without faults. */
export function settingsOf({
  values,
  resolved,
}: Pick<LoadedSettings, "values" | "resolved">): GatewaySettings {
  const host = values["gateway.host"];
  const cors = resolved.find(({ key }) => key === "gateway.corsOrigin")?.origin?.kind;
  return {
    tier: values["gateway.storageTier"],
    host: host.toLowerCase() === "localhost" ? "127.0.0.1" : host,
    port: values["gateway.port"],
    databaseUrl: values["gateway.databaseUrl"],
    valkeyUrl: values["gateway.valkeyUrl"],
    anthropicApiKey: values["gateway.anthropicApiKey"],
    corsOrigin: values["gateway.corsOrigin"],
    isCorsExplicit: cors !== undefined && cors !== "default",
    allowedHosts: values["gateway.allowedHosts"].map((name) => name.toLowerCase()),
    trustedProxies: values["gateway.trustedProxies"],
    rateLimit: values["gateway.rateLimit"],
    auditDays: values["gateway.auditDays"],
  };
}

/** An address that others can reach needs a proxy with TLS in front: passwords do not go over a network in clear. */
export function exposureFaults(values: SettingValues): SettingFault[] {
  // A value that has a fault of its own is undefined here, whatever its type says.
  const host: string | undefined = values["gateway.host"];
  const proxies: readonly string[] | undefined = values["gateway.trustedProxies"];
  if (host === undefined || proxies === undefined || isLoopback(host)) return [];
  if (proxies.length > 0) return [];
  const message = `${table["gateway.host"].variable}: ${host} can be reached from elsewhere, and nothing with TLS stands in front`;
  const hint = `name the proxy: export ${table["gateway.trustedProxies"].variable}=ADDRESS`;
  return [{ key: "gateway.host", message, hint }];
}

/** Every variable that may hold a secret, and those that name its file: no child of the gateway gets them. */
export const secretVariables: readonly string[] = settingKeys
  .filter((key) => table[key].isSecret)
  .flatMap((key) => [table[key].variable, `${table[key].variable}_FILE`]);
