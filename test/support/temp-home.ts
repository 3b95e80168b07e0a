// A home folder for one test, removed when it goes out of scope: `using home = tempHome()`.
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname } from "node:path";

export interface TempHome extends Disposable {
  /** Absolute, without symlinks, and short enough for unix sockets below it (107 bytes). */
  readonly path: string;
  /** The absolute path of something below it. */
  at(relative: string): string;
  /** Makes a file and its folders; returns its absolute path. */
  write(relative: string, text: string, mode?: number): string;
  read(relative: string): string;
  /** Also done by `using`. */
  remove(): void;
}

/** A new empty folder of mode 0700. */
export function tempHome(): TempHome {
  const path = mkdtempSync(`${realpathSync(tmpdir())}/mosaic-t-`);
  const at = (relative: string) => `${path}/${relative}`;
  const remove = () => rmSync(path, { recursive: true, force: true });
  return {
    path,
    at,
    write(relative, text, mode = 0o600) {
      mkdirSync(dirname(at(relative)), { recursive: true, mode: 0o700 });
      writeFileSync(at(relative), text, { mode });
      return at(relative);
    },
    read: (relative) => readFileSync(at(relative), "utf8"),
    remove,
    [Symbol.dispose]: remove,
  };
}
