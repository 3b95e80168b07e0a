// Takes away what updates leave: versions too many, and the work folders of those that were killed.
import type { Context } from "../context.ts";
import { staleVersions } from "../domain/release.ts";
import type { Installation } from "./installation.ts";

/** Versions that nobody can want back by `--rollback`: all but these. */
export async function removeStale(
  ctx: Context,
  installation: Installation,
  kept: readonly string[],
): Promise<void> {
  const installed = await ctx.files.list(`${installation.root}/versions`);
  for (const version of staleVersions(installed, kept)) {
    await ctx.files.remove(`${installation.root}/versions/${version}`);
  }
}

/** What an update left that was killed; the caller holds the lock, so none runs. */
export async function removeLeftWork(ctx: Context, { root }: Installation): Promise<void> {
  const left = (await ctx.files.list(root)).filter((name) => name.startsWith(".update-"));
  for (const name of left) await ctx.files.remove(`${root}/${name}`);
}
