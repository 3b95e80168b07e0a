// A new name is an entry of its folder, and lost in a power cut as long as the folder is not on the disk.
import { closeSync, constants, fsyncSync, openSync } from "node:fs";
import { errnoCode } from "./file-faults.ts";

/** Writes a folder's entries to the disk. */
export function syncFolder(path: string): void {
  const fd = openSync(path, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    fsyncSync(fd);
  } catch (error) {
    // Some network file systems cannot; the file itself is written all the same.
    if (errnoCode(error) !== "EINVAL") throw error;
  } finally {
    closeSync(fd);
  }
}
