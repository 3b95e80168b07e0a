// A process table that the test writes.
import type { ProcessIdentity, Processes, ProcessInfo } from "../../src/context.ts";

/** What is left out: a sleeping child of init, named after its program. */
export type FakeProcess = Partial<ProcessInfo> & {
  pid: number;
  argv?: string[];
  env?: Record<string, string>;
  /** Paths of open files. */
  open?: string[];
  /** These signals take it out of the table; without it none does. */
  endsOn?: NodeJS.Signals[];
};

/** Who the program under test is, unless the test says so; it stands in the table only when a test puts it there. */
export const fakeIdentity: ProcessIdentity = {
  pid: 4242,
  startTicks: 1000,
  bootId: "boot-1",
  pidNamespace: "pid:[1]",
};

export interface FakeProcesses {
  processes: Processes;
  /** Change it as the test goes on; only `endsOn`, and `reap` of one in state Z, take something out. */
  readonly processTable: FakeProcess[];
  /** Signals that were sent to what is in the table. */
  readonly signalled: { pid: number; signal: NodeJS.Signals }[];
}

/** `Context.processes` over the given table. */
export function fakeProcesses(
  processTable: FakeProcess[],
  identity: Partial<ProcessIdentity> = {},
): FakeProcesses {
  const signalled: { pid: number; signal: NodeJS.Signals }[] = [];
  const find = (pid: number) => processTable.find((process) => process.pid === pid);
  const isInGroup = (groupId: number) => (process: FakeProcess) =>
    toInfo(process).groupId === groupId;
  const send = (process: FakeProcess, signal: NodeJS.Signals): void => {
    signalled.push({ pid: process.pid, signal });
    if (process.endsOn?.includes(signal)) processTable.splice(processTable.indexOf(process), 1);
  };
  const processes: Processes = {
    self: async () => ({ ...fakeIdentity, ...identity }),
    list: async () => processTable.map(toInfo),
    async one(pid) {
      const found = find(pid);
      return found === undefined ? undefined : toInfo(found);
    },
    argv: async (pid) => find(pid)?.argv ?? [],
    variable: async (pid, name) => find(pid)?.env?.[name],
    holdsFile: async (pid, path) => find(pid)?.open?.includes(path) === true,
    signal(pid, signal) {
      const found = find(pid);
      if (found === undefined) return false;
      send(found, signal);
      return true;
    },
    signalGroup(groupId, signal) {
      const group = processTable.filter(isInGroup(groupId));
      for (const process of group) send(process, signal);
      return group.length > 0;
    },
    hasGroup: (groupId) => processTable.some(isInGroup(groupId)),
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

function toInfo(process: FakeProcess): ProcessInfo {
  const { argv, env: _env, open: _open, endsOn: _endsOn, ...known } = process;
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
