// What /proc says about processes, for tests and for the check after a run (proc(5)).
import { readdirSync, readFileSync } from "node:fs";

/** Every process that we may see. */
export function allPids(): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

/** False when it is gone, and for a zombie: that one only waits for its parent. */
export function isRunning(pid: number): boolean {
  const state = procFile(pid, "stat").replace(/^.*\) /, "")[0];
  return state !== undefined && state !== "Z" && state !== "X";
}

/** argv of a process; empty when it is gone. */
export function argvOf(pid: number): string[] {
  return procFile(pid, "cmdline").split("\0").slice(0, -1);
}

/** Its environment at its start as `NAME=value` entries; empty when it is gone or not ours to read. */
export function environmentOf(pid: number): string[] {
  return procFile(pid, "environ").split("\0").slice(0, -1);
}

/** Sends a signal; a process that is gone is fine. */
export function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // Ended meanwhile.
  }
}

function procFile(pid: number, name: string): string {
  try {
    return readFileSync(`/proc/${pid}/${name}`, "utf8");
  } catch {
    return ""; // Gone meanwhile, or of another user.
  }
}
