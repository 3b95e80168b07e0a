// Reads the text of config.yaml: what it says of each setting and where, and all that is wrong with it. Pure.
import { checkAgainst } from "./roster-faults.ts";
import { configSchema, configVersion, writtenKeys } from "./config-schema.ts";
import { type LocatedFault, type LocatedYaml, readYaml } from "./located-yaml.ts";
import { isSettingKey, settings, type SettingKey } from "./settings.ts";

export interface ConfigEntry {
  key: SettingKey;
  text: string;
  line: number;
  column: number;
}

export interface ConfigFile {
  /** 0 for a file without one, before there were versions. */
  version: number;
  entries: readonly ConfigEntry[];
  faults: readonly LocatedFault[];
}

/**
 * What a config.yaml says. Of a file of a newer version what is known is read, and what is not is no fault; one of an
 * older version is read as its migration would leave it. Never throws.
 */
export function readConfigFile(text: string): ConfigFile {
  const yaml = readYaml(text);
  if (yaml.value === undefined) return { version: configVersion, entries: [], faults: yaml.faults };
  if (yaml.value === null) return { version: configVersion, entries: [], faults: yaml.faults };
  const top = mapOf(yaml.value);
  const written = top.get("version");
  const version = typeof written === "number" && Number.isSafeInteger(written) ? written : 0;
  const entries = entriesOf(top, yaml);
  if (version > configVersion) return { version, entries, faults: yaml.faults };
  const isOld = written === undefined;
  const schemaFaults = checkAgainst(configSchema, yaml).faults.filter(
    ({ message }) => !(isOld && message === 'the key "version" is missing'),
  );
  const faults = [...yaml.faults, ...schemaFaults.map((fault) => withoutSecret(fault, top))];
  return { version, entries, faults };
}

function entriesOf(top: ReadonlyMap<string, unknown>, yaml: LocatedYaml): ConfigEntry[] {
  return writtenKeys.flatMap((key) => {
    const [section = "", name = ""] = key.split(".");
    const value = mapOf(top.get(section)).get(name);
    if (!["string", "number", "boolean"].includes(typeof value)) return [];
    return [{ key, text: String(value), ...yaml.placeOf([section, name]) }];
  });
}

/** An unknown key that is a secret gets the words that help. */
function withoutSecret(fault: LocatedFault, top: ReadonlyMap<string, unknown>): LocatedFault {
  for (const [section, value] of top) {
    for (const name of mapOf(value).keys()) {
      const key = `${section}.${name}`;
      if (fault.message !== `${section}: unknown key ${JSON.stringify(name)}`) continue;
      if (!isSettingKey(key)) continue;
      const { isSecret } = settings[key];
      const message = isSecret
        ? `${key} is a secret, which does not belong into this file`
        : `${key} is used once, at an install, and is not kept`;
      const hint = isSecret
        ? `remove the line, change the secret, and give the new one to: mosaic config set ${key}`
        : "";
      return { ...fault, message, hint };
    }
  }
  return fault;
}

function mapOf(value: unknown): Map<string, unknown> {
  const isMap = typeof value === "object" && value !== null && !Array.isArray(value);
  return new Map(isMap ? Object.entries(value) : []);
}
