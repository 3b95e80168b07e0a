// The flags of settings that a gateway takes; a secret has none, since everybody can read an argv.
import type { SettingFlags } from "../../config/load.ts";

const text = (valueHint: string, description: string) =>
  ({ type: "string", valueHint, description }) as const;

export const settingArgs = {
  "storage-tier": text("local|team", "where data is kept: SQLite, or PostgreSQL and Valkey"),
  host: text("ADDRESS", "the address to listen on"),
  port: text("PORT", "the port to listen on"),
  "allowed-hosts": text("HOSTS", "further names under which it is reached"),
  "cors-origin": text("ORIGIN", "the one other web origin that may ask"),
  "trusted-proxies": text("ADDRESSES", "proxies whose X-Forwarded-For counts"),
  "rate-limit": text("COUNT", "requests per minute of one account"),
} as const;

/** By the key of the setting. */
export function settingFlags(
  args: Readonly<Partial<Record<keyof typeof settingArgs, string | undefined>>>,
): SettingFlags {
  return {
    "gateway.storageTier": args["storage-tier"],
    "gateway.host": args.host,
    "gateway.port": args.port,
    "gateway.allowedHosts": args["allowed-hosts"],
    "gateway.corsOrigin": args["cors-origin"],
    "gateway.trustedProxies": args["trusted-proxies"],
    "gateway.rateLimit": args["rate-limit"],
  };
}
