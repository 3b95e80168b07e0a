// What `mosaic uninstall --purge` removes beyond the fleet's own files. By name, and never a whole folder that a person
// gave us: MOSAIC_HOME may be one that holds other things too.
import type { Context } from "../context.ts";

/** Names below the configuration folder. */
const ofConfig = /^(fleet|tools|hooks|data|secrets|config\.yaml(\..*)?|install\.json)$/;

/** Names below the state folder: stores, locks, logs, black boxes. */
const ofState =
  /^(state\.db.*|(claude-settings|config)\.lock|agents|locks|log|cache|backups|hooks|gateway.*|fleet-.*\.(json|lock|sock|waiting))$/;

/** Names below the data folder; the installation itself is not among them. */
const ofData = /^(gateway.*|backups)$/;

/** Absolute paths of all that is there. */
export async function purgeable(ctx: Context): Promise<string[]> {
  const { config, state, data } = ctx.paths;
  const places = [
    { folder: state, pattern: ofState },
    { folder: data, pattern: ofData },
    { folder: config, pattern: ofConfig },
  ];
  const found: string[] = [];
  for (const { folder, pattern } of places) {
    if ((await ctx.files.stat(folder))?.kind !== "directory") continue;
    const names = (await ctx.files.list(folder)).filter((name) => pattern.test(name));
    found.push(...names.map((name) => `${folder}/${name}`));
  }
  return found;
}
