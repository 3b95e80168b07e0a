// Files that stay open, so that what is known of them is known of the very file and not of whatever is at its path.
import { closeSync, fstatSync, futimesSync, openSync, statSync, writeFileSync } from "node:fs";
import type { OpenFile } from "../context.ts";
import { errnoCode, naming } from "./file-faults.ts";
import { flockFault, loadFlock, lockExclusiveNow, once, unlockAndClose } from "./flock.ts";

/** Files.open: `new` creates the file, 0600. undefined when it is there already, or not there. */
export async function openFile(
  path: string,
  how: "new" | "existing",
): Promise<OpenFile | undefined> {
  const fd = openAs(path, how);
  if (fd === undefined) return undefined;
  let close = (): void => closeSync(fd);
  const { ino, dev } = naming({ verb: "look at", path }, () => fstatSync(fd));
  return {
    async flock() {
      const flock = await loadFlock();
      if (flock === undefined) return "unsupported";
      const result = flock(fd, lockExclusiveNow);
      if (typeof result !== "string") throw flockFault(path, result);
      if (result === "taken") close = () => unlockAndClose(fd, flock);
      return result;
    },
    isAt(at) {
      const now = naming({ verb: "look at", path: at }, () =>
        statSync(at, { throwIfNoEntry: false }),
      );
      return now?.ino === ino && now.dev === dev;
    },
    modifiedAt: () => naming({ verb: "look at", path }, () => fstatSync(fd).mtimeMs),
    touch: (at) => naming({ verb: "touch", path }, () => futimesSync(fd, at / 1000, at / 1000)),
    write: (text) => naming({ verb: "write", path }, () => writeFileSync(fd, text)),
    [Symbol.dispose]: once(() => close()),
  };
}

function openAs(path: string, how: "new" | "existing"): number | undefined {
  const [flags, expected] =
    how === "new" ? (["wx", "EEXIST"] as const) : (["r+", "ENOENT"] as const);
  try {
    return openSync(path, flags, 0o600);
  } catch (error) {
    if (errnoCode(error) === expected) return undefined;
    return naming({ verb: how === "new" ? "create" : "open", path }, () => {
      throw error;
    });
  }
}
