// Where something that is not there yet would be made.
import type { Context } from "../context.ts";

/** The path itself, or the nearest folder above it that is there; links are followed. */
export async function nearestFolder(ctx: Context, path: string): Promise<string> {
  let folder = path;
  while (folder !== "" && (await ctx.files.stat(`${folder}/.`))?.kind !== "directory") {
    folder = folder.slice(0, folder.lastIndexOf("/"));
  }
  return folder === "" ? "/" : folder;
}
