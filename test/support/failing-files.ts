// Files that break: at the nth change of the disk, as a crash or a full disk would.
import type { Files } from "../../src/context.ts";
import { AppError } from "../../src/errors.ts";

export interface FailingFiles extends Files {
  /** Changes that were tried so far. */
  readonly changes: number;
}

/** From the nth change on (counted from 1) every change fails, and nothing is changed. Reading works. */
export function failingFiles(files: Files, failAt: number): FailingFiles {
  let changes = 0;
  const change = async (path: string, work: () => Promise<void>): Promise<void> => {
    changes += 1;
    if (changes >= failAt) throw new AppError(`cannot write ${path}: no space left on device`);
    await work();
  };
  return {
    ...files,
    get changes() {
      return changes;
    },
    write: (path, data, mode, options) =>
      change(path, () => files.write(path, data, mode, options)),
    append: (path, text, mode) => change(path, () => files.append(path, text, mode)),
    makeDir: (path, mode) => change(path, () => files.makeDir(path, mode)),
    remove: (path) => change(path, () => files.remove(path)),
    rename: (from, to) => change(from, () => files.rename(from, to)),
  };
}

/** On which so many more texts can be written to open files. */
export function fillingFiles(files: Files, disk: { left: number }): Files {
  return {
    ...files,
    async open(path, how) {
      const file = await files.open(path, how);
      if (file === undefined) return undefined;
      const write = (text: string): void => {
        if (disk.left-- <= 0) throw new AppError("no space left on device");
        file.write(text);
      };
      return { ...file, write };
    },
  };
}
