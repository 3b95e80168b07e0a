// A home with locks in it, for tests: its files, a Context of this very process over it, and locks as somebody else
// has left them.
import { mkdirSync, readdirSync, readFileSync, statSync, utimesSync } from "node:fs";
import { processes } from "../../src/adapters/processes.ts";
import { resolvePaths } from "../../src/adapters/paths.ts";
import { createContext } from "../../src/adapters/system.ts";
import type { Context } from "../../src/context.ts";
import { lockFormat, type LockRecord, lockText } from "../../src/domain/lock-record.ts";
import { lockFiles } from "../../src/domain/names.ts";
import { ownProcess } from "../../src/lock/liveness.ts";
import { tempHome, type TempHome } from "./temp-home.ts";

export interface LockSite extends TempHome {
  /** This process, with the home's locks and no lock in its environment. */
  readonly ctx: Context;
  readonly files: ReturnType<typeof lockFiles>;
  /** What stands in the locks' folder, sorted; empty when there is none. */
  left(): string[];
  /** Makes a lock's file as a process has left it; returns its path. */
  leave(name: string, record: LockRecord | string, beatAt?: number): string;
  /** Makes a mutex that is this old by its mtime. */
  leaveMutex(text: string, ageMs: number): void;
  /** So that nobody has to watch for two seconds a mutex whose holder we know to be dead; nothing when there is none. */
  ageMutex(): void;
}

/** A new one; `using site = lockSite()`. */
export function lockSite(): LockSite {
  const home = tempHome();
  const paths = resolvePaths({ HOME: home.path, MOSAIC_STATE: home.at("state") }, ["/bin/false"]);
  const files = lockFiles(paths);
  return {
    ...home,
    ctx: { ...createContext(), env: {}, paths },
    files,
    left() {
      mkdirSync(files.dir, { recursive: true, mode: 0o700 });
      return readdirSync(files.dir).toSorted();
    },
    leave(name, record, beatAt = Date.now()) {
      const text = typeof record === "string" ? record : lockText(record);
      const path = home.write(`state/locks/${name}.lock`, text);
      touch(path, beatAt);
      return path;
    },
    leaveMutex(text, ageMs) {
      touch(home.write("state/locks/registry.mutex", text), Date.now() - ageMs);
    },
    ageMutex() {
      if (statSync(files.mutex, { throwIfNoEntry: false }) === undefined) return;
      touch(files.mutex, Date.now() - 60_000);
    },
  };
}

/** What a lock of this process would say. */
export async function someRecord(
  site: LockSite,
  changes: Partial<LockRecord> = {},
): Promise<LockRecord> {
  return {
    format: lockFormat,
    token: "0123456789abcdef0123456789abcdef",
    owner: await ownProcess(site.ctx),
    purpose: "a test",
    acquiredAt: Date.now(),
    children: [],
    isBeating: true,
    ...changes,
  };
}

/** What the lock of another process says that lives, or has left it. */
export async function recordOf(
  site: LockSite,
  pid: number,
  changes: Partial<LockRecord> = {},
): Promise<LockRecord> {
  const ours = await ownProcess(site.ctx);
  const startTicks = (await processes.one(pid))?.startTicks ?? 1;
  return someRecord(site, { owner: { ...ours, pid, startTicks }, ...changes });
}

/** The record in a lock's file; throws when there is none. */
export function readRecord(site: LockSite, name: string): LockRecord {
  return JSON.parse(readFileSync(site.files.lock(name), "utf8"));
}

function touch(path: string, at: number): void {
  utimesSync(path, at / 1000, at / 1000);
}
