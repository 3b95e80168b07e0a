// Secrets that came by the environment, into files of ours, 0600: a unit has no environment with secrets.
import { loadSettings } from "../config/load.ts";
import type { Context } from "../context.ts";
import { isSecret } from "../domain/secret.ts";
import { secretFile, type SettingKey } from "../domain/settings.ts";

/** Writes those of the keys that a variable or a file of a variable gave. */
export async function writeGivenSecrets(ctx: Context, keys: readonly SettingKey[]): Promise<void> {
  const { resolved, values } = await loadSettings(ctx);
  for (const { key, origin } of resolved) {
    if (!keys.includes(key) || (origin?.kind !== "env" && origin?.kind !== "env-file")) continue;
    const value: unknown = values[key];
    if (isSecret(value)) {
      await ctx.files.write(secretFile(ctx.paths, key), `${value.reveal()}\n`, 0o600);
    }
  }
}
