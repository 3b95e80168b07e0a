// Programs in a mount namespace of their own, with a state folder that is full or read-only; needs root. The mounts end
// with the program.
import { readdirSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import type { Breaker } from "./breaker.ts";
import type { LockSite } from "./lock-site.ts";
import { outputOf } from "./run-command.ts";

/** What has to run before the program's own argv; $0 is the state folder. */
function inNamespace(mount: string, site: LockSite): string[] {
  return ["unshare", "-m", "sh", "-c", `${mount} && exec "$@"`, site.at("state")];
}

/** So that a machine on which it cannot be tested says so, instead of failing somewhere else. */
export async function checkCanMount(): Promise<void> {
  await outputOf(["unshare", "-m", "true"]);
}

/** On a file system that takes `blocks` pages of 4 KiB; a file of a byte needs one. */
export function onTinyDisk(site: LockSite, blocks: number): string[] {
  const mount = `mkdir -p "$0" && mount -t tmpfs -o size=${blocks * pageBytes},mode=700 none "$0"`;
  return inNamespace(mount, site);
}

/** As it is, and nothing can be changed. */
export function onReadOnlyDisk(site: LockSite): string[] {
  return inNamespace('mount --bind "$0" "$0" && mount -o remount,bind,ro "$0"', site);
}

const pageBytes = 4096;

/** The tiny disk, from outside of its namespace. */
export function tinyDisk(breaker: Breaker, site: LockSite) {
  const root = `/proc/${breaker.pid}/root${site.at("state")}`;
  const filler = `${root}/filler`;
  return {
    /** Leaves so many pages free. */
    fill(freeBlocks: number): void {
      let bytes = 0;
      try {
        for (;;) {
          writeFileSync(filler, "x".repeat(pageBytes), { flag: "a" });
          bytes = statSync(filler).size;
        }
      } catch (error) {
        if (!(error instanceof Error) || !("code" in error) || error.code !== "ENOSPC") throw error;
      }
      truncateSync(filler, bytes - freeBlocks * pageBytes);
    },
    free: () => rmSync(filler),
    /** What stands in the locks' folder. */
    left: () => readdirSync(`${root}/locks`).toSorted(),
  };
}
