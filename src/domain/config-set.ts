// Puts values into the text of config.yaml; comments, order and everything else stay as they are. Pure.
import { parseDocument } from "yaml";
import { configVersion } from "./config-schema.ts";
import type { SettingKey } from "./settings.ts";

/** A text that has no faults (config-file.ts), or undefined for a new one. */
export function withSettings(
  text: string | undefined,
  values: Readonly<Partial<Record<SettingKey, string | number>>>,
): string {
  const document = parseDocument(text ?? `version: ${configVersion}\n`);
  for (const [key, value] of Object.entries(values)) {
    const path = key.split(".");
    if (document.getIn(path) !== value) document.setIn(path, value);
  }
  return document.toString({ lineWidth: 0 });
}
