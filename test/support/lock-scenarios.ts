// The transitions of a lock, each as something that a breaker does from a state that the test has made; so that one may
// be recorded step by step and cut off at any of them.
import { lockFormat } from "../../src/domain/lock-record.ts";
import { type Breaker, type BreakerCommand, type BreakerEvent, startBreaker } from "./breaker.ts";
import { readRecord, recordOf, type LockSite } from "./lock-site.ts";
import { someProcess } from "./some-process.ts";

export interface Scenario {
  name: string;
  /** Makes the state; processes of it go to the stack. Pids that have to be dead before anybody gets the lock. */
  prepare(site: LockSite, stack: AsyncDisposableStack): Promise<number[]>;
  /** What the breaker does first, unwatched. */
  ahead(site: LockSite, breaker: Breaker): Promise<void>;
  /** The transition, and what is said at its end. */
  command: BreakerCommand;
  /** In their order; written down, so that a new one is seen. */
  steps: string[];
  answer: BreakerEvent["event"];
}

export const acquire = { do: "acquire", name: "demo" } as const;

const look = ["stat demo.lock", "read demo.lock"];
const lockMutex = [
  "open new registry.mutex",
  "flock registry.mutex",
  "is at registry.mutex",
  "write registry.mutex",
];
const unlockMutex = ["is at registry.mutex", "remove registry.mutex", "close registry.mutex"];
const write = [
  "open new registry.draft",
  "write registry.draft",
  "touch registry.draft",
  "rename registry.draft -> demo.lock",
];

const nothing = async () => [];
const acquired = async (_site: LockSite, breaker: Breaker) => {
  await breaker.ask(acquire, "acquired");
};

export const scenarios = {
  acquire: {
    name: "acquire, the first ever in this home",
    prepare: nothing,
    ahead: async () => {},
    command: acquire,
    steps: [
      "stat demo.lock",
      "open new registry.mutex",
      "stat locks",
      "make locks",
      ...lockMutex,
      "stat demo.lock",
      ...write,
      ...unlockMutex,
    ],
    answer: "acquired",
  },
  reap: {
    name: "acquire, past the mutex and the draft of somebody who died",
    async prepare(site) {
      site.leaveMutex("4711\n", 60_000);
      site.write("state/locks/registry.draft", "half of");
      return [];
    },
    ahead: async () => {},
    command: acquire,
    steps: [
      "stat demo.lock",
      "open new registry.mutex",
      "stat registry.mutex",
      "open existing registry.mutex",
      "flock registry.mutex",
      "is at registry.mutex",
      "age of registry.mutex",
      "remove registry.mutex",
      "close registry.mutex",
      ...lockMutex,
      "stat demo.lock",
      "open new registry.draft",
      "remove registry.draft",
      ...write,
      ...unlockMutex,
    ],
    answer: "acquired",
  },
  takeDead: {
    name: "take over from a dead owner",
    async prepare(site) {
      const owner = await someProcess();
      site.leave("demo", await recordOf(site, owner.pid));
      await owner.kill();
      return [];
    },
    ahead: async () => {},
    command: acquire,
    steps: [...look, ...lockMutex, ...look, ...write, ...unlockMutex],
    answer: "acquired",
  },
  break: {
    name: "break a living owner: condemn it, end its command, take the lock",
    async prepare(site, stack) {
      const owner = stack.use(await someProcess());
      // So that it is known not to answer.
      process.kill(owner.pid, "SIGSTOP");
      const { pid, startTicks } = stack.use(await someProcess());
      // It ends at SIGCONT, and not before.
      process.kill(pid, "SIGSTOP");
      const children = [{ pid, startTicks, isSupervised: false }];
      site.leave("demo", await recordOf(site, owner.pid, { children }));
      return [pid];
    },
    ahead: async () => {},
    command: { ...acquire, options: { maxWaitMs: 0 } },
    steps: [
      ...look,
      ...lockMutex,
      ...look,
      ...write,
      ...unlockMutex,
      "close registry.draft",
      "send SIGTERM to a group",
      "send SIGCONT to a group",
      ...look,
      ...lockMutex,
      ...look,
      ...write,
      ...unlockMutex,
    ],
    answer: "acquired",
  },
  run: {
    name: "record a command before it starts",
    prepare: nothing,
    ahead: acquired,
    command: { do: "run", argv: ["sh", "-c", "echo ran >ran"] },
    steps: [
      ...lockMutex,
      ...look,
      ...write,
      "close registry.draft",
      ...unlockMutex,
      "open the gate",
    ],
    answer: "started",
  },
  lose: {
    name: "learn that the lock was taken, and acknowledge it",
    prepare: nothing,
    async ahead(site, breaker) {
      await acquired(site, breaker);
      const dead = await someProcess();
      const process = (await recordOf(site, dead.pid)).owner;
      await dead.kill();
      const record = { ...readRecord(site, "demo"), format: lockFormat };
      site.leave("demo", { ...record, breaker: { token: "b", process, isAcknowledged: false } });
    },
    command: { do: "check" },
    steps: [
      ...look,
      ...look,
      ...lockMutex,
      ...look,
      ...write,
      "close registry.draft",
      ...unlockMutex,
    ],
    answer: "checked",
  },
  release: {
    name: "release",
    prepare: nothing,
    ahead: acquired,
    command: { do: "release" },
    steps: [
      ...lockMutex,
      "is at demo.lock",
      "remove demo.lock",
      ...unlockMutex,
      "close registry.draft",
    ],
    answer: "released",
  },
} satisfies Record<string, Scenario>;

/** A breaker that has come to the transition; its beats come between no steps. */
export async function breakerAt(
  scenario: Scenario,
  { site, stack }: { site: LockSite; stack: AsyncDisposableStack },
): Promise<Breaker> {
  const breaker = stack.use(await startBreaker(site, { isBeating: false }));
  await scenario.ahead(site, breaker);
  return breaker;
}
