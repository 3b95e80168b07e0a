// The settings of this site, from every place that may hold them: config.yaml, secret files, the environment, files that
// the environment names, and a command's flags.
import type { Context } from "../context.ts";
import { readConfigFile } from "../domain/config-file.ts";
import { configFile } from "../domain/names.ts";
import {
  secretFile,
  settingKeys,
  settings,
  type SettingKey,
  type SettingValues,
} from "../domain/settings.ts";
import {
  type Candidate,
  missingFaults,
  type ResolvedSettings,
  resolveSettings,
} from "../domain/settings-resolve.ts";
import { AppError, usageError } from "../errors.ts";

/** Values of flags by the key of their setting; undefined where a flag was not given. */
export type SettingFlags = Readonly<Partial<Record<SettingKey, string | undefined>>>;

/** Something that is wrong, in words for people, and what helps; the hint may be empty. */
export interface ConfigFault {
  message: string;
  hint: string;
}

export interface LoadedSettings extends Omit<ResolvedSettings, "faults"> {
  faults: readonly ConfigFault[];
  /** Of config.yaml as it stands; undefined when there is none. */
  fileVersion: number | undefined;
}

/** Everything that was said and everything that is wrong with it; throws nothing for what it finds. */
export async function loadSettings(
  ctx: Context,
  flags: SettingFlags = {},
): Promise<LoadedSettings> {
  const faults: ConfigFault[] = [];
  const path = configFile(ctx.paths);
  const text = await readOr(ctx, { path, faults });
  const file = text === undefined ? undefined : readConfigFile(text);
  for (const { line, column, message, hint } of file?.faults ?? []) {
    faults.push({ message: `${path}:${line}:${column}: ${message}`, hint });
  }
  // A value that the file's schema refuses is told with its place there, and not a second time.
  const isFileValid = (file?.faults.length ?? 0) === 0;
  const candidates = new Map<SettingKey, Candidate[]>();
  for (const key of settingKeys) {
    const given: Candidate[] = [];
    const entry = file?.entries.find((one) => one.key === key);
    if (entry !== undefined && isFileValid) {
      const { line, column } = entry;
      given.push({ origin: { kind: "config", file: path, line, column }, text: entry.text });
    }
    given.push(...(await fromFiles(ctx, { key, faults })), ...fromEnv(ctx, { key, faults }));
    const { flag } = settings[key];
    const value = flags[key];
    if (value !== undefined && flag !== undefined) {
      given.push({ origin: { kind: "flag", name: flag }, text: value });
    }
    candidates.set(key, given);
  }
  const { resolved, values, faults: settingFaults } = resolveSettings(candidates);
  return { resolved, values, faults: [...faults, ...settingFaults], fileVersion: file?.version };
}

/**
 * The values, for a command that needs them. Throws AppError (exit 2) that tells every fault, and every one of `needed`
 * that nobody set.
 */
export async function requireSettings(
  ctx: Context,
  { flags = {}, needed = [] }: { flags?: SettingFlags; needed?: readonly SettingKey[] } = {},
): Promise<SettingValues> {
  const loaded = await loadSettings(ctx, flags);
  const told = loaded.faults;
  const all = [...told, ...missingOf(loaded, needed)];
  if (all.length > 0) throw settingsError(all);
  return loaded.values;
}

/** Those of the keys that nobody set; one that is set and wrong is among the faults already. */
export function missingOf(
  { resolved }: Pick<LoadedSettings, "resolved">,
  needed: readonly SettingKey[],
): ConfigFault[] {
  const unset = resolved.filter(({ origin }) => origin === undefined);
  return missingFaults({ resolved: unset, faults: [] }, needed);
}

/** All faults in one AppError, exit 2. */
export function settingsError(faults: readonly ConfigFault[]): AppError {
  const [first] = faults;
  if (first !== undefined && faults.length === 1) {
    return usageError(first.message, first.hint === "" ? undefined : first.hint);
  }
  const lines = faults.map(({ message, hint }) => `  ${message}${hint === "" ? "" : ` (${hint})`}`);
  return usageError([`${faults.length} settings are missing or wrong`, ...lines].join("\n"));
}

interface Reading {
  key: SettingKey;
  faults: ConfigFault[];
}

/** The secret file of ours, and the file that `<variable>_FILE` names. */
async function fromFiles(ctx: Context, { key, faults }: Reading): Promise<Candidate[]> {
  const { variable, isSecret, kind } = settings[key];
  const found: Candidate[] = [];
  if (isSecret && kind === "setting") {
    const file = secretFile(ctx.paths, key);
    const text = await readOr(ctx, { path: file, faults });
    if (text !== undefined) {
      found.push({ origin: { kind: "secret-file", file }, text: withoutNewline(text) });
    }
  }
  const name = `${variable}_FILE`;
  const path = ctx.env[name] ?? "";
  if (path === "") return found;
  const own: ConfigFault[] = [];
  const text = await readOr(ctx, { path, faults: own });
  if (text !== undefined) {
    found.push({ origin: { kind: "env-file", name, file: path }, text: withoutNewline(text) });
  } else if (own.length === 0) {
    own.push({ message: `there is no file ${path}`, hint: "" });
  }
  faults.push(...own.map(({ message, hint }) => ({ message: `${name}: ${message}`, hint })));
  return found;
}

/** An empty variable counts as none: `docker compose` passes on what is not set as empty. */
function fromEnv({ env }: Context, { key, faults }: Reading): Candidate[] {
  const { variable: name } = settings[key];
  const text = env[name] ?? "";
  if (text === "") return [];
  if ((env[`${name}_FILE`] ?? "") !== "") {
    const message = `${name} and ${name}_FILE are both set`;
    faults.push({ message, hint: `unset ${name}` });
  }
  return [{ origin: { kind: "env", name }, text }];
}

async function readOr(
  ctx: Context,
  { path, faults }: { path: string; faults: ConfigFault[] },
): Promise<string | undefined> {
  try {
    return await ctx.files.readText(path);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    faults.push({ message: error.message, hint: error.hint ?? "" });
    return undefined;
  }
}

function withoutNewline(text: string): string {
  return text.replace(/\r?\n$/, "");
}
