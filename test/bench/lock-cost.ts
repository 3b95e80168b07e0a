// What one acquire and release of our lock asks of the file system, how often, and how long each of it takes: by files that
// count and time what is done to them.
import type { Context, Files, OpenFile } from "../../src/context.ts";
import { acquireLock } from "../../src/lock/restart-lock.ts";
import { printTable } from "./measure.ts";

interface Cost {
  calls: number;
  ms: number;
}

/** Prints the table; `pairs` are taken, after a tenth as many that do not count. */
export async function printCosts(ctx: Context, pairs: number): Promise<void> {
  const costs = new Map<string, Cost>();
  const timed = { ...ctx, files: timedFiles(ctx.files, costs) };
  const take = async (): Promise<void> => {
    const held = await acquireLock(timed, "costs", { purpose: "bench" });
    await held.release();
  };
  for (let left = pairs / 10; left > 0; left--) await take();
  costs.clear();
  const beganAt = performance.now();
  for (let left = pairs; left > 0; left--) await take();
  const wholeMs = performance.now() - beganAt;
  const sorted = [...costs].toSorted(([, a], [, b]) => b.ms - a.ms);
  const filesMs = sorted.reduce((sum, [, { ms }]) => sum + ms, 0);
  const micros = (ms: number): string => ((ms * 1000) / pairs).toFixed(1);
  const share = (ms: number): string => `${((100 * ms) / wholeMs).toFixed(0)} %`;
  printTable(`where the microseconds of an acquire and release go, mean of ${pairs}`, [
    ["", "calls", "us in all", "share"],
    ...sorted.map(([name, { calls, ms }]) => [
      name,
      (calls / pairs).toFixed(0),
      micros(ms),
      share(ms),
    ]),
    ["our own work, and the measuring", "", micros(wholeMs - filesMs), share(wholeMs - filesMs)],
    ["whole", "", micros(wholeMs), "100 %"],
  ]);
}

function timedFiles(files: Files, costs: Map<string, Cost>): Files {
  const add = (name: string, beganAt: number): void => {
    const cost = costs.get(name) ?? { calls: 0, ms: 0 };
    costs.set(name, { calls: cost.calls + 1, ms: cost.ms + performance.now() - beganAt });
  };
  const timed = <T>(name: string, work: () => T): T => {
    const beganAt = performance.now();
    const result = work();
    if (!(result instanceof Promise)) add(name, beganAt);
    else void result.then(() => add(name, beganAt));
    return result;
  };
  const timedFile = (file: OpenFile): OpenFile => ({
    flock: () => timed("flock: flock", () => file.flock()),
    isAt: (path) => timed("isAt: stat", () => file.isAt(path)),
    modifiedAt: () => timed("modifiedAt: fstat", () => file.modifiedAt()),
    touch: (at) => timed("touch: futimens", () => file.touch(at)),
    write: (text) => timed("write: write", () => file.write(text)),
    [Symbol.dispose]: () => timed("dispose: flock, close", () => file[Symbol.dispose]()),
  });
  return {
    ...files,
    async open(path, how) {
      const file = await timed(`open ${how}: openat, fstat`, () => files.open(path, how));
      return file === undefined ? undefined : timedFile(file);
    },
    readText: (path) => timed("readText: open, read", () => files.readText(path)),
    remove: (path) => timed("remove: unlink", () => files.remove(path)),
    rename: (from, to) => timed("rename: rename", () => files.rename(from, to)),
    stat: (path) => timed("stat: lstat", () => files.stat(path)),
  };
}
