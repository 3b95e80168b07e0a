// A file that its owner keeps elsewhere and links here stays a link: what is written is written through it.
import { lstatSync, realpathSync } from "node:fs";
import { errnoCode } from "./file-faults.ts";

/** Where the file at this path really is; the path itself when it is no link, or one that leads nowhere. */
export function followLink(path: string): string {
  try {
    return lstatSync(path).isSymbolicLink() ? realpathSync(path) : path;
  } catch (error) {
    if (errnoCode(error) === undefined) throw error;
    // Not there yet, or a link that leads nowhere: the write makes a plain file, or says what is wrong.
    return path;
  }
}
