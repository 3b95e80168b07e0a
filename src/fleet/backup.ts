// Keeps what a site wrote before it is replaced.
import type { Context } from "../context.ts";

/**
 * Keeps a file as `NAME.bak-20260131T235959Z` beside it (a number is added when the name is taken) and returns that
 * path. A plain file is copied, mode included, so that it is never missing; a link or a folder is moved away as it is.
 */
export async function keepBackup(ctx: Context, path: string): Promise<string> {
  const backup = await freeName(ctx, `${path}.bak-${timestamp(ctx.clock.now())}`);
  const info = await ctx.files.stat(path);
  const bytes = info?.kind === "file" ? await ctx.files.readBytes(path) : undefined;
  if (info === undefined || bytes === undefined) await ctx.files.rename(path, backup);
  else await ctx.files.write(backup, bytes, info.mode);
  return backup;
}

async function freeName(ctx: Context, wanted: string): Promise<string> {
  let name = wanted;
  for (let count = 2; (await ctx.files.stat(name)) !== undefined; count++)
    name = `${wanted}-${count}`;
  return name;
}

/** `20260131T235959Z`: sorts by time and is one word everywhere. */
function timestamp(epochMs: number): string {
  return new Date(epochMs).toISOString().replace(/\.\d+/, "").replaceAll(/[-:]/g, "");
}
