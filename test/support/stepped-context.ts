// A Context whose operations on the locks' folder, and whose signals to commands, are steps with names: a test lists
// them, and kills, stops or holds a process before or after any one of them.
import { basename } from "node:path";
import type { Context, Files, OpenFile } from "../../src/context.ts";
import { lookMs } from "../../src/lock/hold-lock.ts";

export interface StepHook {
  /** Held here as long as it is pending; only what is asynchronous can be held. */
  hold(step: string): Promise<void>;
  before(step: string): void;
  /** Also when it failed. */
  after(step: string): void;
}

/** The same machine; `isBeating`: without it no beat or look of an owner comes between the steps. */
export function withSteps(
  ctx: Context,
  hook: StepHook,
  { isBeating }: { isBeating: boolean },
): Context {
  const now = <T>(step: string, work: () => T): T => {
    hook.before(step);
    try {
      return work();
    } finally {
      hook.after(step);
    }
  };
  const later = async <T>(step: string, work: () => Promise<T>): Promise<T> => {
    await hook.hold(step);
    hook.before(step);
    try {
      return await work();
    } finally {
      hook.after(step);
    }
  };
  const { processes, clock } = ctx;
  return {
    ...ctx,
    files: filesInSteps(ctx.files, { now, later }),
    processes: {
      ...processes,
      signal: (pid, name) => now(`send ${name} to a process`, () => processes.signal(pid, name)),
      signalGroup: (groupId, name) =>
        now(`send ${name} to a group`, () => processes.signalGroup(groupId, name)),
    },
    clock: {
      ...clock,
      sleep: (ms, signal) =>
        // Beats come by the clock and not by the work: they would stand anywhere in a list of steps.
        clock.sleep(ms === lookMs && !isBeating ? 2 ** 31 - 1 : ms, signal),
    },
  };
}

interface Steps {
  now: <T>(step: string, work: () => T) => T;
  later: <T>(step: string, work: () => Promise<T>) => Promise<T>;
}

function filesInSteps(files: Files, steps: Steps): Files {
  const { later } = steps;
  return {
    ...files,
    readText: (path) => later(`read ${basename(path)}`, () => files.readText(path)),
    stat: (path) => later(`stat ${basename(path)}`, () => files.stat(path)),
    makeDir: (path, mode) => later(`make ${basename(path)}`, () => files.makeDir(path, mode)),
    remove: (path) => later(`remove ${basename(path)}`, () => files.remove(path)),
    rename: (from, to) =>
      later(`rename ${basename(from)} -> ${basename(to)}`, () => files.rename(from, to)),
    async open(path, how) {
      const name = basename(path);
      const file = await later(`open ${how} ${name}`, () => files.open(path, how));
      return file === undefined ? undefined : openFileInSteps(file, { name, steps });
    },
  };
}

function openFileInSteps(
  file: OpenFile,
  { name, steps }: { name: string; steps: Steps },
): OpenFile {
  const { now, later } = steps;
  return {
    flock: () => later(`flock ${name}`, () => file.flock()),
    isAt: (path) => now(`is at ${basename(path)}`, () => file.isAt(path)),
    modifiedAt: () => now(`age of ${name}`, () => file.modifiedAt()),
    touch: (at) => now(`touch ${name}`, () => file.touch(at)),
    write: (text) => now(`write ${name}`, () => file.write(text)),
    [Symbol.dispose]: () => now(`close ${name}`, () => file[Symbol.dispose]()),
  };
}

/** The same machine without flock(2). */
export function withoutFlock(ctx: Context): Context {
  return {
    ...ctx,
    files: {
      ...ctx.files,
      canFlock: async () => false,
      async open(path, how) {
        const file = await ctx.files.open(path, how);
        return file && { ...file, flock: async () => "unsupported" };
      },
    },
  };
}
