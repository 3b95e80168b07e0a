// A process table that the test writes.
import type { Processes, ProcessInfo } from "../../src/context.ts";

/** What is left out: a sleeping child of init, named after its program. */
export type FakeProcess = Partial<ProcessInfo> & {
  pid: number;
  argv?: string[];
  env?: Record<string, string>;
  /** Paths of open files. */
  open?: string[];
};

export interface FakeProcesses {
  processes: Processes;
  /** Change it as the test goes on; only `reap` of one in state Z takes something out. */
  readonly processTable: FakeProcess[];
  /** Signals that were sent to what is in the table; they remove nothing from it by themselves. */
  readonly signalled: { pid: number; signal: NodeJS.Signals }[];
}

/** `Context.processes` over the given table. */
export function fakeProcesses(processTable: FakeProcess[]): FakeProcesses {
  const signalled: { pid: number; signal: NodeJS.Signals }[] = [];
  const find = (pid: number) => processTable.find((process) => process.pid === pid);
  const processes: Processes = {
    list: async () => processTable.map(toInfo),
    async one(pid) {
      const found = find(pid);
      return found === undefined ? undefined : toInfo(found);
    },
    argv: async (pid) => find(pid)?.argv ?? [],
    variable: async (pid, name) => find(pid)?.env?.[name],
    holdsFile: async (pid, path) => find(pid)?.open?.includes(path) === true,
    signal(pid, signal) {
      if (find(pid) === undefined) return false;
      signalled.push({ pid, signal });
      return true;
    },
    async reap(pid) {
      const index = processTable.findIndex(
        (process) => process.pid === pid && process.state === "Z",
      );
      if (index >= 0) processTable.splice(index, 1);
      return index >= 0;
    },
  };
  return { processes, processTable, signalled };
}

function toInfo({ argv, env: _env, open: _open, ...known }: FakeProcess): ProcessInfo {
  // The kernel cuts comm at 15 bytes (proc(5)).
  const comm = argv?.[0]?.split("/").at(-1)?.slice(0, 15) ?? "fake";
  return { parentPid: 1, sessionId: known.pid, state: "S", startTicks: 1000, comm, ...known };
}
