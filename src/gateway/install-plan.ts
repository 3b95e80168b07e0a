// What `mosaic gateway install` will do, decided before anything is done: every fault at once, then every file and command.
import type { Context } from "../context.ts";
import {
  type ConfigFault,
  type LoadedSettings,
  loadSettings,
  missingOf,
  type SettingFlags,
} from "../config/load.ts";
import { setInConfig } from "../domain/config-edit.ts";
import { configFile } from "../domain/names.ts";
import { isEmailOf } from "../domain/password.ts";
import type { Secret } from "../domain/secret.ts";
import { isSecret } from "../domain/secret.ts";
import { secretFile, type SettingKey, settings as table, storedKeys } from "../domain/settings.ts";
import { AppError } from "../errors.ts";
import type { UnitFile } from "../supervisors/systemd/sync.ts";
import { readContact } from "./contact.ts";
import { gatewayUnit } from "./files.ts";
import { findService, type Service } from "./service/manager.ts";
import { systemctlWords } from "./service/systemctl.ts";
import { planGatewayUnit } from "./service/unit.ts";
import { exposureFaults, type GatewaySettings, settingsOf } from "./settings.ts";
import { askStore } from "./standing.ts";

export interface PlannedFile {
  path: string;
  mode: number;
  state: "missing" | "same" | "changed";
  /** A secret is written by `reveal`, and shown as a mask. */
  content: string | Secret;
}

export interface InstallPlan {
  settings: GatewaySettings;
  files: PlannedFile[];
  unit: UnitFile | undefined;
  service: Service;
  commands: (readonly string[])[];
  /** The first admin; undefined when there is one. */
  admin: { name: string; email: string; password: Secret } | undefined;
  /** Of the account that the environment names where there is an admin already; empty when it names none. */
  accountNote: string;
}

const adminKeys = ["admin.name", "admin.email", "admin.password"] as const;

/** The plan, or all that stands in its way. Writes nothing. */
export async function planInstall(
  ctx: Context,
  flags: SettingFlags,
): Promise<{ plan: InstallPlan } | { faults: ConfigFault[] }> {
  const loaded = await loadSettings(ctx, flags);
  const faults: ConfigFault[] = [...loaded.faults, ...exposureFaults(loaded.values)];
  const standing = await askStore(ctx, loaded, faults);
  const needsAdmin = !standing.hasAdmin;
  if (needsAdmin) faults.push(...missingOf(loaded, adminKeys));
  const { "admin.name": name, "admin.email": email, "admin.password": password } = loaded.values;
  if (email !== undefined && password !== undefined && isEmailOf(password.reveal(), email)) {
    const message = `${table["admin.password"].variable}: expected something else than the e-mail address`;
    faults.push({ message, hint: "" });
  }
  if (faults.length === 0) faults.push(...(await valkeyFaults(ctx, loaded.values)));
  if (faults.length === 0) faults.push(...(await portFaults(ctx, loaded.values["gateway.port"])));
  if (faults.length > 0) return { faults };
  const service = await findService(ctx);
  const unit =
    service.kind === "none" ? undefined : await planGatewayUnit(service.ctx, service.kind);
  const admin =
    needsAdmin && name !== undefined && email !== undefined && password !== undefined
      ? { name, email: email.toLowerCase(), password }
      : undefined;
  const files = await planFiles(ctx, loaded);
  const settings = settingsOf(loaded);
  const { accountNote } = standing;
  const commands = commandsOf(service);
  return { plan: { settings, files, unit, service, commands, admin, accountNote } };
}

function commandsOf(service: Service): (readonly string[])[] {
  if (service.kind === "none") return [];
  const systemctl = systemctlWords(service.kind);
  return [
    ...service.needs,
    [...systemctl, "daemon-reload"],
    [...systemctl, "enable", gatewayUnit],
    [...systemctl, "restart", gatewayUnit],
  ];
}

/** What was given beside the file goes into the file, so that the unit's gateway runs on it too. */
async function planFiles(
  ctx: Context,
  { resolved, values }: LoadedSettings,
): Promise<PlannedFile[]> {
  const files: PlannedFile[] = [];
  const written: [SettingKey, string][] = [];
  for (const { key, origin } of resolved) {
    const kind = origin?.kind;
    const isGiven = kind === "env" || kind === "env-file" || kind === "flag";
    if (!isGiven || !storedKeys.includes(key)) continue;
    const value: unknown = values[key];
    if (isSecret(value)) {
      const path = secretFile(ctx.paths, key);
      const content = `${value.reveal()}\n`;
      files.push({ path, mode: 0o600, state: await stateOf(ctx, path, content), content: value });
    } else written.push([key, Array.isArray(value) ? value.join(",") : String(value)]);
  }
  const path = configFile(ctx.paths);
  const before = await ctx.files.readText(path);
  if (written.length === 0) return files;
  const content = written.reduce(
    (text, [key, value]) => setInConfig(text, key, value),
    before ?? "",
  );
  files.push({ path, mode: 0o600, state: await stateOf(ctx, path, content), content });
  return files;
}

async function stateOf(ctx: Context, path: string, content: string): Promise<PlannedFile["state"]> {
  const before = await ctx.files.readText(path);
  return before === undefined ? "missing" : before === content ? "same" : "changed";
}

/** A team without Valkey works, but a URL that never worked is a mistake. */
async function valkeyFaults(
  ctx: Context,
  { "gateway.storageTier": tier, "gateway.valkeyUrl": url }: LoadedSettings["values"],
): Promise<ConfigFault[]> {
  if (tier === "local" || url === undefined) return [];
  await using valkey = await ctx.connectValkey(url.reveal());
  if (valkey.isUp) return [];
  const { variable } = table["gateway.valkeyUrl"];
  const message = `${variable}: nobody answers there, or it refuses this user and password`;
  return [{ message, hint: "try it: redis-cli -u URL ping" }];
}

/** A port that another program has would be found by a unit that fails again and again. */
async function portFaults(ctx: Context, port: number): Promise<ConfigFault[]> {
  const running = await readContact(ctx);
  if (running?.url.endsWith(`:${port}`) === true) return [];
  try {
    const options = { hostname: "127.0.0.1", port, maxBodyBytes: 0 };
    const server = ctx.serveHttp({ ...options, fetch: () => new Response(null, { status: 503 }) });
    await server.close(0);
    return [];
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return [
      { message: error.message, hint: `${table["gateway.port"].variable} chooses another port` },
    ];
  }
}
