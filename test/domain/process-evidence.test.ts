import { expect, test } from "bun:test";
import { descendants, runtimeProcess } from "../../src/domain/process-evidence.ts";

const process = (pid: number, parentPid: number, argv: string[] = [], comm = "x", state = "S") => ({
  pid,
  parentPid,
  groupId: 1,
  sessionId: 1,
  state,
  startTicks: 1,
  comm,
  argv,
});

test("descendants are all below the root, nearest first", () => {
  const all = [process(5, 3), process(2, 1), process(3, 2), process(9, 8)];
  expect(descendants(all, 1).map((one) => one.pid)).toEqual([2, 3, 5]);
});

const evidence: [string, ReturnType<typeof process>[], string[], number | undefined][] = [
  ["a program by argv[0]", [process(1, 0, ["/usr/bin/claude"])], ["claude"], 1],
  ["a script by argv[1]", [process(1, 0, ["node", "/usr/bin/pi", "--x"])], ["pi"], 1],
  ["a process by comm", [process(1, 0, [], "codex")], ["codex"], 1],
  ["another program", [process(1, 0, ["bash"])], ["pi"], undefined],
  ["an argument is no evidence", [process(1, 0, ["vim", "x", "pi"])], ["pi"], undefined],
  ["a zombie", [process(1, 0, [], "pi", "Z")], ["pi"], undefined],
  ["any program where none is named", [process(1, 0, ["cat"])], [], 1],
];

test.each(evidence)("%s", (_, processes, names, pid) => {
  expect(runtimeProcess(processes, names)?.pid).toEqual(pid);
});
