// What a restart lock's file says, and what may be concluded from it. Pure.
//
// A later format keeps `format`, `token`, `owner`, `children` and `breaker` as they are here, and its owners go on
// touching the file: that is what an older program goes by when it meets a lock of a newer one.

/** The format that this program writes. */
export const lockFormat = 1;

/** Names of locks: an agent's restart lock has the agent's name. */
export const lockNamePattern = /^[a-z][a-z0-9-]{0,39}$/;

/** A process that can be told from a later one of its pid. Fields as in ProcessIdentity, and the host's name. */
export interface LockProcess {
  pid: number;
  startTicks: number;
  bootId: string;
  pidNamespace: string;
  host: string;
}

/** A command that runs under the lock, leader of a process group of its own. */
export interface LockChild {
  pid: number;
  startTicks: number;
  /** A supervisor does the work on its behalf: what that supervisor starts need not wait for this lock. */
  isSupervised: boolean;
}

export interface LockRecord {
  format: number;
  /** Unguessable, another one for each time the lock is taken. */
  token: string;
  owner: LockProcess;
  /** What it is held for, in one line for people. */
  purpose: string;
  /** Epoch milliseconds. */
  acquiredAt: number;
  children: LockChild[];
  /** False for an owner that cannot touch the file: its silence says nothing. */
  isBeating: boolean;
  /** Who is taking it over from `owner`, which has lost it, and whether the owner knows. */
  breaker?: { token: string; process: LockProcess; isAcknowledged: boolean };
}

/** What stands in a lock's file. `unreadable`: by a power cut, a person or another program. */
export type LockContent =
  | { kind: "record"; record: LockRecord }
  | { kind: "unreadable" }
  /** Of a later version, and not even its owner can be read. */
  | { kind: "newer"; format: number };

/** Reads the text of a lock's file. */
export function parseLock(text: string): LockContent {
  const value = jsonOf(text);
  const format = fieldOf(value, "format");
  if (typeof format !== "number" || format < 1) return { kind: "unreadable" };
  const record = recordOf(value, format);
  if (record !== undefined) return { kind: "record", record };
  return format > lockFormat ? { kind: "newer", format } : { kind: "unreadable" };
}

/** The opposite. */
export function lockText(record: LockRecord): string {
  return `${JSON.stringify(record)}\n`;
}

/** Who answers for the lock now. */
export function holderOf(record: LockRecord): LockProcess {
  return record.breaker?.process ?? record.owner;
}

function recordOf(value: unknown, format: number): LockRecord | undefined {
  const token = fieldOf(value, "token");
  const owner = processOf(fieldOf(value, "owner"));
  const children = listOf(fieldOf(value, "children"), childOf);
  if (typeof token !== "string" || token === "" || owner === undefined) return undefined;
  if (children === undefined) return undefined;
  const breaker = breakerOf(fieldOf(value, "breaker"));
  if (breaker === "unreadable") return undefined;
  return {
    format,
    token,
    owner,
    purpose: textOf(fieldOf(value, "purpose")),
    acquiredAt: numberOf(fieldOf(value, "acquiredAt")),
    children,
    isBeating: fieldOf(value, "isBeating") !== false,
    ...(breaker === undefined ? {} : { breaker }),
  };
}

function breakerOf(value: unknown): LockRecord["breaker"] | "unreadable" {
  if (value === undefined) return undefined;
  const token = fieldOf(value, "token");
  const process = processOf(fieldOf(value, "process"));
  if (typeof token !== "string" || process === undefined) return "unreadable";
  return { token, process, isAcknowledged: fieldOf(value, "isAcknowledged") === true };
}

function processOf(value: unknown): LockProcess | undefined {
  const pid = fieldOf(value, "pid");
  const startTicks = fieldOf(value, "startTicks");
  // 1 is our own program in a container.
  if (!isPid(pid, 1) || typeof startTicks !== "number") return undefined;
  return {
    pid,
    startTicks,
    bootId: textOf(fieldOf(value, "bootId")),
    pidNamespace: textOf(fieldOf(value, "pidNamespace")),
    host: textOf(fieldOf(value, "host")),
  };
}

function childOf(value: unknown): LockChild | undefined {
  const pid = fieldOf(value, "pid");
  const startTicks = fieldOf(value, "startTicks");
  // 0, 1 and negative numbers are no process that a lock may ever have us signal.
  if (!isPid(pid, 2) || typeof startTicks !== "number") return undefined;
  return { pid, startTicks, isSupervised: fieldOf(value, "isSupervised") === true };
}

function isPid(value: unknown, least: number): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= least;
}

function listOf<T>(value: unknown, read: (item: unknown) => T | undefined): T[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const items = value.map(read).filter((item) => item !== undefined);
  return items.length === value.length ? items : undefined;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function fieldOf(value: unknown, name: string): unknown {
  if (typeof value !== "object" || value === null) return undefined;
  return Object.getOwnPropertyDescriptor(value, name)?.value;
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function numberOf(value: unknown): number {
  return typeof value === "number" && Number.isFinite(value) ? value : 0;
}
