// Several programs that want one lock, inside one test: a Context each, over one home, one process table and one clock
// that the test moves. A stopped or killed one goes no further than its next pause; files are real.
import { mkdirSync, renameSync, utimesSync } from "node:fs";
import { files as realFiles } from "../../src/adapters/files.ts";
import type { Context } from "../../src/context.ts";
import { lockFiles } from "../../src/domain/names.ts";
import { tokenVariable } from "../../src/lock/liveness.ts";
import { createFakeClock } from "./fake-clock.ts";
import { fakeContext } from "./fake-context.ts";
import type { FakeProcess } from "./fake-processes.ts";
import { tempHome } from "./temp-home.ts";

/** One program. */
export interface Actor {
  readonly ctx: Context;
  readonly pid: number;
  /** SIGSTOP and SIGCONT; what it was about to do, it does then. */
  stop(): void;
  go(): void;
  /** SIGKILL: it does nothing more. `pid` is free then. */
  kill(): void;
}

export type LockWorld = ReturnType<typeof lockWorld>;

/** Pids of commands; those of actors stay below. */
const firstCommandPid = 10_000;

/** How far the time moves at once while something is waited for. */
const stepMs = 10;

/** No wait of a test is as long. */
const foreverMs = 60 * 60 * 1000;

/** Without actors yet; `using world = lockWorld()`. */
export function lockWorld() {
  const home = tempHome();
  const clock = createFakeClock("manual");
  const table: FakeProcess[] = [];
  const end = (pid: number): void => {
    const index = table.findIndex((one) => one.pid === pid);
    if (index >= 0) table.splice(index, 1);
  };
  let ticks = 1000;
  let drawn = 0;
  let nextPid = firstCommandPid;

  return {
    clock,
    home,
    /** A program of this pid, which nobody has; with `token`, started under that lock. */
    actor(pid: number, token?: string): Actor {
      const startTicks = ++ticks;
      table.push({ pid, startTicks });
      const ctx = fakeContext({
        home,
        clock,
        processes: table,
        identity: { pid, startTicks },
        host: { pid },
        env: { [tokenVariable]: token },
      });
      let running: PromiseWithResolvers<void> | undefined;
      const mark = (state: string): void => {
        const found = table.find((one) => one.pid === pid && one.startTicks === startTicks);
        if (found !== undefined) found.state = state;
      };
      const stop = (): void => {
        mark("T");
        running ??= Promise.withResolvers();
      };
      return {
        pid,
        ctx: {
          ...ctx,
          randomHex: (digits) => (++drawn).toString(16).padStart(digits, "0").slice(-digits),
          clock: {
            ...clock,
            async sleep(ms, signal) {
              await clock.sleep(ms, signal);
              await running?.promise;
            },
          },
        },
        stop,
        go() {
          mark("S");
          running?.resolve();
          running = undefined;
        },
        kill() {
          stop();
          end(pid);
        },
      };
    },

    /** A command with a child of its own in its process group; both end at this signal, and not before. Their pids. */
    command(token: string, endsOn: NodeJS.Signals): [number, number] {
      const [groupId, child] = [nextPid++, nextPid++];
      const common = { groupId, endsOn: [endsOn], env: { [tokenVariable]: token } };
      table.push({ pid: groupId, startTicks: ++ticks, ...common });
      table.push({ pid: child, startTicks: ++ticks, ...common });
      return [groupId, child];
    },

    /** A process of this pid that no lock knows of, and which any signal would end. */
    stranger(pid: number): void {
      table.push({ pid, startTicks: ++ticks, endsOn: ["SIGTERM", "SIGCONT", "SIGKILL"] });
    },

    /** The process ends. */
    end,
    /** It ends too, but its parent does not know yet. */
    zombie(pid: number): void {
      const found = table.find((one) => one.pid === pid);
      if (found !== undefined) found.state = "Z";
    },
    isThere: (pid: number): boolean => table.some((one) => one.pid === pid && one.state !== "Z"),
    /** As the kernel sees it, for which the number of a group is taken too. */
    isFree: (pid: number): boolean => !table.some((one) => one.pid === pid || one.groupId === pid),

    /** Lets the time go on until the work is over. */
    async until<T>(work: Promise<T>): Promise<T> {
      // Loads what is loaded once: from then on nobody waits for anything but the clock.
      await realFiles.canFlock();
      const state = { isOver: false };
      const over = (): void => void (state.isOver = true);
      void work.then(over, over);
      await clock.advance(0);
      const deadline = clock.now() + foreverMs;
      while (!state.isOver) {
        if (clock.now() > deadline)
          throw new Error("the work does not end, whatever time it is given");
        await clock.advance(stepMs);
      }
      return work;
    },

    /** What the lock's file says; undefined when it is free. */
    async text(ctx: Context, name: string): Promise<string | undefined> {
      return ctx.files.readText(lockFiles(ctx.paths).lock(name));
    },

    /** Somebody puts another file in its place. */
    replace(ctx: Context, name: string, text: string): void {
      const { dir, lock } = lockFiles(ctx.paths);
      mkdirSync(dir, { recursive: true, mode: 0o700 });
      const draft = home.write("theirs", text);
      utimesSync(draft, clock.now() / 1000, clock.now() / 1000);
      renameSync(draft, lock(name));
    },

    [Symbol.dispose]: () => home.remove(),
  };
}
