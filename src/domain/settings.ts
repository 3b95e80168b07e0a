// THE table of settings: what `config.yaml`, the environment and flags may set. The schema of the file, `config show`,
// the wizard, `gateway install` and the documentation come from here; a new setting is one row. Pure.
import type * as v from "valibot";
import {
  addressList,
  bindAddress,
  countAtLeast,
  email,
  hostList,
  oneOf,
  password,
  personName,
  port,
  secretUrl,
  secretWord,
  webOrigin,
} from "./settings-values.ts";

export interface Setting {
  /** Its variable; `<variable>_FILE` names a file that holds the value instead. */
  variable: string;
  /** Its flag, without dashes, where a command has one; never for a secret. */
  flag: string | undefined;
  /** Reads a text, wherever it came from. A secret's output is a Secret. */
  schema: v.GenericSchema<string, unknown>;
  /** As text; undefined: it is not set unless somebody does. */
  default: string | undefined;
  /** Kept in a file of its own (0600), never in config.yaml, and shown as a mask. */
  isSecret: boolean;
  /** `setting`: lives in the configuration. `input`: used once, at an install, and kept nowhere. */
  kind: "setting" | "input";
  /** What has to be restarted for a change to count. */
  restart: "gateway" | "nothing";
  /** One line for people. */
  summary: string;
}

const gateway = { kind: "setting", restart: "gateway" } as const;
const input = { kind: "input", restart: "nothing", flag: undefined, default: undefined } as const;

const table = {
  "gateway.storageTier": {
    ...gateway,
    variable: "MOSAIC_STORAGE_TIER",
    flag: "storage-tier",
    schema: oneOf(["local", "team"]),
    default: "local",
    isSecret: false,
    summary: "where the gateway keeps its data: local (SQLite) or team (PostgreSQL and Valkey)",
  },
  "gateway.host": {
    ...gateway,
    variable: "MOSAIC_GATEWAY_HOST",
    flag: "host",
    schema: bindAddress,
    default: "127.0.0.1",
    isSecret: false,
    summary: "the address that the gateway listens on",
  },
  "gateway.port": {
    ...gateway,
    variable: "MOSAIC_GATEWAY_PORT",
    flag: "port",
    schema: port,
    default: "14242",
    isSecret: false,
    summary: "the port that the gateway listens on",
  },
  "gateway.allowedHosts": {
    ...gateway,
    variable: "MOSAIC_ALLOWED_HOSTS",
    flag: "allowed-hosts",
    schema: hostList,
    default: "",
    isSecret: false,
    summary: "host names by which it may be asked, besides its own address and localhost",
  },
  "gateway.corsOrigin": {
    ...gateway,
    variable: "MOSAIC_CORS_ORIGIN",
    flag: "cors-origin",
    schema: webOrigin,
    default: "http://localhost:3000",
    isSecret: false,
    summary: "the one web origin besides its own that may talk to the gateway",
  },
  "gateway.trustedProxies": {
    ...gateway,
    variable: "MOSAIC_TRUSTED_PROXIES",
    flag: "trusted-proxies",
    schema: addressList,
    default: "",
    isSecret: false,
    summary: "addresses of proxies in front of the gateway, whose X-Forwarded-For and -Proto count",
  },
  "gateway.rateLimit": {
    ...gateway,
    variable: "MOSAIC_RATE_LIMIT",
    flag: "rate-limit",
    schema: countAtLeast(10),
    default: "3000",
    isSecret: false,
    summary: "requests per minute of one account, and of one address",
  },
  "gateway.auditDays": {
    ...gateway,
    variable: "MOSAIC_AUDIT_DAYS",
    flag: undefined,
    schema: countAtLeast(1),
    default: "365",
    isSecret: false,
    summary: "for how many days the gateway keeps who did what",
  },
  "gateway.databaseUrl": {
    ...gateway,
    variable: "MOSAIC_DATABASE_URL",
    flag: undefined,
    schema: secretUrl(["postgres:", "postgresql:"], "a URL such as postgres://user@host/database"),
    default: undefined,
    isSecret: true,
    summary: "PostgreSQL; needed for tier team",
  },
  "gateway.valkeyUrl": {
    ...gateway,
    variable: "MOSAIC_VALKEY_URL",
    flag: undefined,
    schema: secretUrl(
      ["redis:", "rediss:", "valkey:", "valkeys:"],
      "a URL such as redis://host:6379",
    ),
    default: undefined,
    isSecret: true,
    summary: "Valkey or Redis; needed for tier team",
  },
  "gateway.anthropicApiKey": {
    ...gateway,
    variable: "MOSAIC_ANTHROPIC_API_KEY",
    flag: undefined,
    schema: secretWord,
    default: undefined,
    isSecret: true,
    summary: "key for Anthropic's API",
  },
  "admin.name": {
    ...input,
    variable: "MOSAIC_ADMIN_NAME",
    flag: "admin-name",
    schema: personName,
    isSecret: false,
    summary: "name of the first administrator",
  },
  "admin.email": {
    ...input,
    variable: "MOSAIC_ADMIN_EMAIL",
    flag: "admin-email",
    schema: email,
    isSecret: false,
    summary: "e-mail of the first administrator, to log in with",
  },
  "admin.password": {
    ...input,
    variable: "MOSAIC_ADMIN_PASSWORD",
    schema: password,
    isSecret: true,
    summary: "password of the first administrator, at least 8 characters",
  },
} as const satisfies Record<string, Setting>;

type Table = typeof table;

/** Such as `gateway.port`; in config.yaml the part before the dot is a map. */
export type SettingKey = keyof Table;

/** What each setting is once read; a secret is a Secret. Without a default it may be undefined. */
export type SettingValues = {
  readonly [K in SettingKey]:
    | v.InferOutput<Table[K]["schema"]>
    | (Table[K]["default"] extends string ? never : undefined);
};

/** Every setting by its key. */
export const settings: Readonly<Record<SettingKey, Setting>> = table;

/** In the order of the table. */
export const settingKeys: readonly SettingKey[] = Object.keys(table).filter(isSettingKey);

/** Those that live in the configuration. */
export const storedKeys: readonly SettingKey[] = settingKeys.filter(
  (key) => table[key].kind === "setting",
);

export function isSettingKey(key: string): key is SettingKey {
  return Object.hasOwn(table, key);
}

/** The file that keeps a secret of this site, 0600, such as `secrets/gateway-database-url` of the config folder. */
export function secretFile({ config }: { config: string }, key: SettingKey): string {
  const name = key.replace(".", "-").replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  return `${config}/secrets/${name}`;
}
