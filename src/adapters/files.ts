// The file system: atomic writes with the mode set at creation, and faults that name the path. Synchronous inside,
// because the files are small and a thread pool costs a short command more than the call itself.
import {
  accessSync,
  appendFileSync,
  closeSync,
  constants,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname } from "node:path";
import type { FileInfo, Files } from "../context.ts";
import { errnoCode, naming } from "./file-faults.ts";
import { loadFlock, tryLock } from "./flock.ts";
import { followLink } from "./follow-link.ts";
import { readLink, writeLink } from "./links.ts";
import { openFile } from "./open-file.ts";
import { randomHex } from "./random.ts";
import { syncFolder } from "./sync-folder.ts";

const privateDir = 0o700;

/** The real file system. */
export const files: Files = {
  async readText(path) {
    return unlessMissing("read", path, () => readFileSync(path, "utf8"));
  },
  async readBytes(path) {
    return unlessMissing("read", path, () => new Uint8Array(readFileSync(path)));
  },
  async write(path, data, mode, { isDerived = false } = {}) {
    naming({ verb: "write", path }, () => writeAtomically(path, { data, mode, isDerived }));
  },
  async append(path, text, mode) {
    naming({ verb: "append to", path }, () => {
      mkdirSync(dirname(path), { recursive: true, mode: privateDir });
      appendFileSync(path, text, { mode });
    });
  },
  async makeDir(path, mode) {
    naming({ verb: "make the folder", path }, () => mkdirSync(path, { recursive: true, mode }));
  },
  async remove(path) {
    naming({ verb: "remove", path }, () => rmSync(path, { recursive: true, force: true }));
  },
  async rename(from, to) {
    naming({ verb: "rename", path: from }, () => renameSync(from, to));
  },
  async swap(path, swap) {
    const { swapFile } = await import("./swap-file.ts");
    return await swapFile(path, swap);
  },
  async realPath(path) {
    return unlessMissing("look at", path, () => realpathSync(path));
  },
  readLink,
  writeLink,
  open: openFile,
  async list(path) {
    return unlessMissing("list", path, () => readdirSync(path).toSorted()) ?? [];
  },
  async stat(path) {
    // Without an exception for what is not there: a missing file is a usual answer, and this is asked often.
    const found = unlessMissing("stat", path, () => lstatSync(path, { throwIfNoEntry: false }));
    return found === undefined ? undefined : toInfo(found);
  },
  async isExecutable(path) {
    try {
      accessSync(path, constants.X_OK);
      return statSync(path).isFile();
    } catch (error) {
      if (errnoCode(error) === undefined) throw error;
      return false;
    }
  },
  canFlock: async () => (await loadFlock()) !== undefined,
  tryLock,
};

function unlessMissing<T>(verb: string, path: string, work: () => T): T | undefined {
  return naming({ verb, path }, () => {
    try {
      return work();
    } catch (error) {
      const code = errnoCode(error);
      // ENOTDIR: a parent is a file, so the path itself cannot be there; a listing of a file is a fault.
      if (code === "ENOENT" || (code === "ENOTDIR" && verb !== "list")) return undefined;
      throw error;
    }
  });
}

function writeAtomically(
  path: string,
  file: { data: string | Uint8Array; mode: number; isDerived: boolean },
): void {
  const target = followLink(path);
  mkdirSync(dirname(target), { recursive: true, mode: privateDir });
  const temp = `${dirname(target)}/.mosaic-${randomHex(12)}.tmp`;
  try {
    const fd = openSync(temp, "wx", file.mode);
    try {
      writeFileSync(fd, file.data);
      if (!file.isDerived) fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    renameSync(temp, target);
  } catch (error) {
    rmSync(temp, { force: true });
    throw error;
  }
  // The new name is an entry of the folder, and lost in a power cut as long as only the file is on the disk.
  if (!file.isDerived) syncFolder(dirname(target));
}

function toInfo(stat: Stats): FileInfo {
  const kind = stat.isFile()
    ? "file"
    : stat.isDirectory()
      ? "directory"
      : stat.isSymbolicLink()
        ? "symlink"
        : "other";
  return {
    kind,
    mode: stat.mode & 0o7777,
    sizeBytes: stat.size,
    modifiedAt: stat.mtimeMs,
    uid: stat.uid,
  };
}
