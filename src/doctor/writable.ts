// Whether we can write where our files are, or would be made.
import type { Context } from "../context.ts";
import { AppError } from "../errors.ts";
import { askTimeoutMs } from "./check.ts";
import { nearestFolder } from "./nearest-folder.ts";

/** access(2) as the shell's `-w` asks it: also right on a read-only file system. */
const writableScript = 'for folder; do [ -w "$folder" ] || printf "%s\\n" "$folder"; done';

/**
 * Of these folders, or the nearest ones above them that are there, those that are not writable. Throws AppError when that
 * cannot be asked.
 */
export async function unwritableFolders(ctx: Context, paths: readonly string[]): Promise<string[]> {
  const folders = await Promise.all(paths.map((path) => nearestFolder(ctx, path)));
  const argv = ["/bin/sh", "-c", writableScript, "sh", ...new Set(folders)];
  const asked = await ctx.exec(argv, { timeoutMs: askTimeoutMs });
  if (asked.exitCode !== 0) {
    throw new AppError("cannot tell whether our folders are writable: /bin/sh failed");
  }
  return asked.stdout.split("\n").filter((folder) => folder !== "");
}
