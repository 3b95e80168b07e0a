// Symlinks: read without following, and replaced at once.
import { lstatSync, readlinkSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { dirname } from "node:path";
import type { Files } from "../context.ts";
import { naming } from "./file-faults.ts";
import { randomHex } from "./random.ts";
import { syncFolder } from "./sync-folder.ts";

/** As Files.readLink says. */
export const readLink: Files["readLink"] = async (path) =>
  naming({ verb: "read the link", path }, () => {
    const isLink = lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true;
    return isLink ? readlinkSync(path) : undefined;
  });

/** As Files.writeLink says. */
export const writeLink: Files["writeLink"] = async (path, target) =>
  naming({ verb: "link", path }, () => {
    const temp = `${dirname(path)}/.mosaic-${randomHex(12)}.tmp`;
    symlinkSync(target, temp);
    try {
      renameSync(temp, path);
    } catch (error) {
      rmSync(temp, { force: true });
      throw error;
    }
    syncFolder(dirname(path));
  });
