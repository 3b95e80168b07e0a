// config.yaml as it is written: one valibot schema, made from the table of settings, and its version. Pure.
import * as v from "valibot";
import { settings, type SettingKey, storedKeys } from "./settings.ts";

/** Of the format that this program writes. */
export const configVersion = 1;

/** Keys of config.yaml: secrets stand in files of their own. */
export const writtenKeys: readonly SettingKey[] = storedKeys.filter(
  (key) => !settings[key].isSecret,
);

function scalar(words: string) {
  return v.union(
    [v.string(), v.pipe(v.number(), v.transform(String)), v.pipe(v.boolean(), v.transform(String))],
    words,
  );
}

/** A list stands in one text, as in its variable: people write one of YAML's. */
function wordsOf(key: SettingKey): string {
  const none = v.safeParse(settings[key].schema, "");
  const isList = none.success && Array.isArray(none.output);
  return isList ? 'one text with commas, such as "a,b" ("" for none)' : "a text or a number";
}

/** A version, and a map for each word before a dot; nothing, where every line of it is a comment. */
export const configSchema = v.strictObject(
  {
    version: v.pipe(v.literal(configVersion, String(configVersion)), v.description("1")),
    ...Object.fromEntries(
      sectionNames().map((name) => [name, v.exactOptional(v.nullable(sectionOf(name)))]),
    ),
  },
  "a map with version and gateway",
);

function sectionNames(): string[] {
  return [...new Set(writtenKeys.map((key) => key.slice(0, key.indexOf("."))))];
}

function sectionOf(name: string) {
  const keys = writtenKeys.filter((key) => key.startsWith(`${name}.`));
  const entries = keys.map((key) => [
    key.slice(name.length + 1),
    v.exactOptional(
      v.pipe(scalar(wordsOf(key)), settings[key].schema, v.description(settings[key].summary)),
    ),
  ]);
  return v.strictObject(Object.fromEntries(entries), "a map of settings");
}
