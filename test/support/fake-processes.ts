// A process table that the test writes.
import type { ProcessIdentity, Processes, ProcessInfo } from "../../src/context.ts";

/** What is left out: a sleeping child of init, named after its program. */
export type FakeProcess = Partial<ProcessInfo> & {
  pid: number;
  argv?: string[];
  env?: Record<string, string>;
  /** Paths of open files. */
  open?: string[];
};

/** Who the program under test is; it stands in the table only when a test puts it there. */
export const fakeIdentity: ProcessIdentity = {
  pid: 4242,
  startTicks: 1000,
  bootId: "boot-1",
  pidNamespace: "pid:[1]",
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
  const isInGroup = (groupId: number) => (process: FakeProcess) =>
    toInfo(process).groupId === groupId;
  const processes: Processes = {
    self: async () => fakeIdentity,
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
    signalGroup(groupId, signal) {
      const group = processTable.filter(isInGroup(groupId));
      for (const { pid } of group) signalled.push({ pid, signal });
      return group.length > 0;
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
  const { pid } = known;
  return {
    parentPid: 1,
    groupId: pid,
    sessionId: pid,
    state: "S",
    startTicks: 1000,
    comm,
    ...known,
  };
}
