// The process table, read from /proc (proc(5)); Linux only.
import { readdirSync, readFileSync, readlinkSync, statSync } from "node:fs";
import type { Processes, ProcessIdentity, ProcessInfo } from "../context.ts";
import { AppError } from "../errors.ts";
import { errnoCode, naming } from "./file-faults.ts";
import { reap } from "./reap.ts";

/** The real process table. */
export const processes: Processes = {
  self: async () => (own ??= ownIdentity()),
  async list() {
    const entries = naming({ verb: "list", path: "/proc" }, () => readdirSync("/proc"));
    return entries
      .filter((entry) => /^\d+$/.test(entry))
      .map((pid) => parseStat(readProc(`${pid}/stat`)))
      .filter((info) => info !== undefined);
  },
  async one(pid) {
    return parseStat(readProc(`${pid}/stat`));
  },
  async argv(pid) {
    const text = readProc(`${pid}/cmdline`);
    if (text === "") return [];
    return (text.endsWith("\0") ? text.slice(0, -1) : text).split("\0");
  },
  async variable(pid, name) {
    const entries = readProc(`${pid}/environ`).split("\0");
    return entries.find((entry) => entry.startsWith(`${name}=`))?.slice(name.length + 1);
  },
  async holdsFile(pid, path) {
    const file = identityOf(path);
    if (file === undefined || ownerOf(pid) !== process.getuid?.()) return false;
    return openFiles(pid).some((opened) => identityOf(opened) === file);
  },
  signal(pid, name) {
    // 0 and negative numbers are process groups, 1 is init: asking for them is a bug of ours.
    if (!Number.isInteger(pid) || pid <= 1) throw new Error(`no process to signal: ${pid}`);
    return send(pid, name);
  },
  signalGroup(groupId, name) {
    // -1 is every process of the machine.
    if (!Number.isInteger(groupId) || groupId <= 1) throw new Error(`no group: ${groupId}`);
    return send(-groupId, name);
  },
  hasGroup(groupId) {
    try {
      return send(-groupId, 0);
    } catch (error) {
      // Another user's: it is there.
      if (error instanceof AppError) return true;
      throw error;
    }
  },
  reap,
};

let own: ProcessIdentity | undefined;

function ownIdentity(): ProcessIdentity {
  return {
    pid: process.pid,
    startTicks: parseStat(readProc("self/stat"))?.startTicks ?? 0,
    bootId: readProc("sys/kernel/random/boot_id").trim(),
    pidNamespace: orNothing(() => readlinkSync("/proc/self/ns/pid")) ?? "",
  };
}

/**
 * One line of /proc/PID/stat; undefined when it is none. comm stands in parentheses and may itself hold spaces
 * and parentheses, so the fields count from the last one.
 */
export function parseStat(text: string): ProcessInfo | undefined {
  const open = text.indexOf("(");
  const close = text.lastIndexOf(")");
  if (open < 0 || close < open) return undefined;
  const fields = text.slice(close + 2).split(" ");
  return {
    pid: Number(text.slice(0, open)),
    comm: text.slice(open + 1, close),
    state: fields[0] ?? "",
    parentPid: Number(fields[1]),
    groupId: Number(fields[2]),
    sessionId: Number(fields[3]),
    startTicks: Number(fields[19]),
  };
}

/** As kill(2): a negative number is a group. */
function send(target: number, name: NodeJS.Signals | 0): boolean {
  try {
    process.kill(target, name);
    return true;
  } catch (error) {
    const code = errnoCode(error);
    if (code === "ESRCH") return false;
    if (code !== "EPERM") throw error;
    const pid = Math.abs(target);
    const whom = target < 0 ? `process group ${pid}` : `process ${pid}`;
    throw new AppError(`cannot send ${name} to ${whom}: not permitted`, {
      hint: target < 0 ? `ps -f -g ${pid}` : `ps -fp ${pid}`,
      cause: error,
    });
  }
}

/** Device and inode, which no two files of the machine share at a time; undefined when it is not there. */
function identityOf(path: string): string | undefined {
  return orNothing(() => {
    const { dev, ino } = statSync(path, { bigint: true });
    return `${dev}:${ino}`;
  });
}

function ownerOf(pid: number): number | undefined {
  return orNothing(() => statSync(`/proc/${pid}`).uid);
}

function openFiles(pid: number): string[] {
  const folder = `/proc/${pid}/fd`;
  return (orNothing(() => readdirSync(folder)) ?? []).map((fd) => `${folder}/${fd}`);
}

/** Empty when the process is gone or not ours to read: between the listing and the reading many end. */
function readProc(path: string): string {
  return orNothing(() => readFileSync(`/proc/${path}`, "utf8")) ?? "";
}

function orNothing<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch (error) {
    if (errnoCode(error) === undefined) throw error;
    return undefined;
  }
}
