// What a run of the suite must not leave behind: processes, sockets, units (control groups) and folders.
import { readdirSync, rmSync } from "node:fs";
import { basename } from "node:path";
import { cgroupsNamed, processesIn, removeCgroup } from "./cgroup.ts";
import { eventually } from "./eventually.ts";
import { allPids, argvOf, environmentOf, isRunning, signal } from "./processes.ts";

/** One run of the suite, by the marks that everything it starts carries. */
export interface TestRun {
  /** Value of MOSAIC_TEST_RUN in the environment of the tests; part of each private manager's group. */
  id: string;
  /** TMPDIR of the tests: homes, sockets and runtime folders are all below it. */
  tmpDir: string;
}

/** A line for each thing that is left, such as `process 4711: tmux -L …`. */
export function findLeftovers(run: TestRun): string[] {
  const processes = leftProcesses(run).map((pid) => `process ${pid}: ${argvOf(pid).join(" ")}`);
  const names = new Set(leftGroups(run).map((folder) => basename(folder)));
  const groups = [...names].map((name) => `control group of a user manager: ${name}`);
  return [...processes, ...groups, ...leftFiles(run)];
}

/** Ends and removes what findLeftovers found, so that one bad test does not spoil the machine. */
export async function removeLeftovers(run: TestRun): Promise<void> {
  const pids = () => [...new Set([...leftProcesses(run), ...processesIn(leftGroups(run))])];
  await eventually(
    () => {
      const left = pids();
      for (const pid of left) signal(pid, "SIGKILL");
      return left.length === 0;
    },
    { what: "what the tests left to be gone" },
  );
  removeCgroup(leftGroups(run));
  rmSync(run.tmpDir, { recursive: true, force: true });
}

/** By environment, which most children inherit, and by argv, for those that got a clean one. */
function leftProcesses(run: TestRun): number[] {
  return allPids().filter((pid) => {
    if (pid === process.pid || !isRunning(pid)) return false;
    const marked = [...argvOf(pid), ...environmentOf(pid)];
    return marked.some((text) => text === `MOSAIC_TEST_RUN=${run.id}` || text.includes(run.tmpDir));
  });
}

function leftGroups(run: TestRun): string[] {
  return cgroupsNamed((name) => name.startsWith(`mosaic-t-${run.id}`));
}

/** Sockets by their full path, everything else by the top folder alone. */
function leftFiles(run: TestRun): string[] {
  const entries = readdirSync(run.tmpDir, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isSocket() || entry.parentPath === run.tmpDir)
    .map(
      (entry) => `${entry.isSocket() ? "socket" : "temporary"}: ${entry.parentPath}/${entry.name}`,
    )
    .toSorted();
}
