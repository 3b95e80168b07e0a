// Whose the folders are that hold settings, secrets and accounts: whoever else can write there could put his own files in the
// place of ours.
import type { Context } from "../context.ts";
import { shellWord } from "../domain/shell-word.ts";
import { AppError, exitCodes } from "../errors.ts";

/** The configuration of this site, and its secrets. */
export function configFolders({ paths }: Pick<Context, "paths">): string[] {
  return [paths.config, `${paths.config}/secrets`];
}

/**
 * Throws AppError, exit 4, for the first folder that is another user's or that everybody may write to. What is not there is made
 * by us, 0700. A group is let be: volumes of containers come with one, and `mosaic doctor` warns of it.
 */
export async function mustOwn(
  { files, host }: Pick<Context, "files" | "host">,
  folders: readonly string[],
): Promise<void> {
  for (const path of folders) {
    // Of a link the folder that it leads to.
    const found = await files.stat(`${path}/.`);
    if (found === undefined) continue;
    if (found.uid !== host.uid) {
      throw new AppError(`${path} belongs to user ${found.uid}, not to us (user ${host.uid})`, {
        exitCode: exitCodes.refused,
        hint: "name a folder of your own: export MOSAIC_HOME=…",
      });
    }
    if ((found.mode & 0o002) !== 0) {
      throw new AppError(`everybody may write to ${path}`, {
        exitCode: exitCodes.refused,
        hint: `chmod 700 ${shellWord(path)}`,
      });
    }
  }
}
