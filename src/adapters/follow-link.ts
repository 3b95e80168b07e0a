// A file that its owner keeps elsewhere and links here stays a link: what is written is written through it.
import { existsSync, lstatSync, readlinkSync, realpathSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { errnoCode } from "./file-faults.ts";

/** Longer than any chain of links that somebody has on purpose. */
const maxLinks = 8;

/**
 * Where the file at this path really is, or will be: a link may lead to a file that is not there yet. The path itself when it is no
 * link, or one that leads into no folder.
 */
export function followLink(path: string): string {
  try {
    return lstatSync(path).isSymbolicLink() ? realpathSync(path) : path;
  } catch (error) {
    if (errnoCode(error) === undefined) throw error;
    return newFileOf(path) ?? path;
  }
}

/** The end of a chain of links to a file that is not there; undefined when there is no folder for it. */
function newFileOf(path: string): string | undefined {
  let at = path;
  for (let step = 0; step < maxLinks; step++) {
    if (lstatSync(at, { throwIfNoEntry: false })?.isSymbolicLink() !== true) {
      return existsSync(dirname(at)) ? at : undefined;
    }
    at = resolve(dirname(at), readlinkSync(at));
  }
  return undefined;
}
