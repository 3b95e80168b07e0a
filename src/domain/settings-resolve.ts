// From everything that somebody said of the settings to one value each, with where it came from, what it overrides, and
// every fault at once. A later place wins: default, config.yaml, secret file, environment, flag. Pure.
import * as v from "valibot";
import { isMask, mask } from "./secret.ts";
import { settingKeys, settings, type SettingKey, type SettingValues } from "./settings.ts";

/** Where a value came from. */
export type Origin =
  | { kind: "default" }
  | { kind: "config"; file: string; line: number; column: number }
  | { kind: "secret-file"; file: string }
  | { kind: "env"; name: string }
  | { kind: "env-file"; name: string; file: string }
  | { kind: "flag"; name: string };

/** One text that somebody gave for a setting; `text` may be a secret. */
export interface Candidate {
  origin: Origin;
  text: string;
}

/** Something wrong with a setting, in words that name the place and never show a secret. */
export interface SettingFault {
  key: SettingKey;
  message: string;
  hint: string;
}

export interface ResolvedSetting {
  key: SettingKey;
  /** undefined: not set. */
  value: unknown;
  /** For people: a secret as a mask; undefined when it is not set. */
  shown: string | undefined;
  /** undefined: not set. */
  origin: Origin | undefined;
  /** The places that said something else and lost, the strongest first; never the default. */
  overrides: readonly Origin[];
}

export interface ResolvedSettings {
  /** One entry per key, in the order of the table. */
  resolved: readonly ResolvedSetting[];
  /** Only to be used when there are no faults. */
  values: SettingValues;
  faults: readonly SettingFault[];
}

/** From the weakest to the strongest. */
const order: Readonly<Record<Origin["kind"], number>> = {
  default: 0,
  config: 1,
  "secret-file": 2,
  "env-file": 3,
  env: 4,
  flag: 5,
};

/** Reads every setting. A candidate that loses is not checked: it does not count. */
export function resolveSettings(
  candidates: ReadonlyMap<SettingKey, readonly Candidate[]>,
): ResolvedSettings {
  const faults: SettingFault[] = [];
  const resolved = settingKeys.map((key): ResolvedSetting => {
    const given = (candidates.get(key) ?? []).toSorted(
      (a, b) => order[b.origin.kind] - order[a.origin.kind],
    );
    const [winner, ...others] = given;
    const { default: fallback } = settings[key];
    const overrides = others.map(({ origin }) => origin);
    const unset = { key, value: undefined, shown: undefined, origin: undefined, overrides };
    if (winner === undefined && fallback === undefined) return unset;
    const { origin, text } = winner ?? { origin: { kind: "default" }, text: fallback ?? "" };
    const read = readSetting(key, text);
    if ("expected" in read) {
      faults.push({ key, message: `${placeOf(key, origin)}: expected ${read.expected}`, hint: "" });
      return { ...unset, origin };
    }
    return { key, value: read.value, shown: shownValue(key, read.value), origin, overrides };
  });
  // Each value has just been read by the schema of its own row.
  const values = Object.fromEntries(resolved.map(({ key, value }) => [key, value]));
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a mapped type cannot be built key by key
  const typed = values as SettingValues;
  return { resolved, values: typed, faults: [...faults, ...tierFaults(resolved)] };
}

/** One text by the schema of its row, or what was expected instead, with what was found unless it is a secret. */
export function readSetting(
  key: SettingKey,
  text: string,
): { value: unknown } | { expected: string } {
  const { schema, isSecret } = settings[key];
  if (isSecret && isMask(text)) return { expected: "the value, not the mask that stands for it" };
  const result = v.safeParse(schema, text);
  if (result.success) return { value: result.output };
  const found = isSecret ? "" : `, found ${JSON.stringify(text.slice(0, 60))}`;
  return { expected: `${result.issues[0].message}${found}` };
}

/** The keys of these that nobody set, as faults: for a command that cannot do without them. */
export function missingFaults(
  { resolved, faults }: Pick<ResolvedSettings, "resolved" | "faults">,
  keys: readonly SettingKey[],
): SettingFault[] {
  return resolved
    .filter(({ key, value }) => keys.includes(key) && value === undefined)
    .filter(({ key }) => !faults.some((fault) => fault.key === key))
    .map(({ key }) => missing(key, settings[key].summary));
}

/** For people: `default`, `config.yaml:3`, `env MOSAIC_GATEWAY_PORT`, `flag --port`, a path. */
export function showOrigin(origin: Origin | undefined): string {
  switch (origin?.kind) {
    case "default":
      return "default";
    case "config":
      return `${origin.file}:${origin.line}`;
    case "secret-file":
      return origin.file;
    case "env":
      return `env ${origin.name}`;
    case "env-file":
      return `env ${origin.name} (${origin.file})`;
    case "flag":
      return `flag --${origin.name}`;
    default:
      return "not set";
  }
}

/** The value as people see it; a secret as a mask. */
export function shownValue(key: SettingKey, value: unknown): string {
  if (settings[key].isSecret) return mask;
  return Array.isArray(value) ? value.join(",") : String(value);
}

function placeOf(key: SettingKey, origin: Origin): string {
  switch (origin.kind) {
    case "config":
      return `${origin.file}:${origin.line}:${origin.column}: ${key}`;
    case "secret-file":
      return `${origin.file}: ${key}`;
    case "env":
    case "env-file":
      return origin.name;
    case "flag":
      return `--${origin.name}`;
    default:
      return key;
  }
}

function missing(key: SettingKey, why: string): SettingFault {
  const { variable } = settings[key];
  const hint = `export ${variable}=…, or ${variable}_FILE=/path/to/a/file`;
  return { key, message: `${variable} is missing: ${why}`, hint };
}

function tierFaults(resolved: readonly ResolvedSetting[]): SettingFault[] {
  const tier = resolved.find(({ key }) => key === "gateway.storageTier");
  if (tier?.value !== "team") return [];
  const needed = ["gateway.databaseUrl", "gateway.valkeyUrl"];
  // One that is set and wrong has been told already.
  return resolved
    .filter(({ key, origin }) => needed.includes(key) && origin === undefined)
    .map(({ key }) => missing(key, settings[key].summary));
}
