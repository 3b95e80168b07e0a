// The test's side of a lock breaker (lock-breaker.ts): starts one, tells it what to do, and waits for what it says.
import type { HeldLock } from "../../src/lock/held-lock.ts";
import { eventually } from "./eventually.ts";
import type { LockSite } from "./lock-site.ts";
import { signal } from "./processes.ts";

export interface BreakerSetup {
  hasFlock: boolean;
  /** Without them no beat comes between the steps. */
  isBeating: boolean;
  /** Makes and removes a file of its own while it has the lock, which shows two at once. */
  hasWitness: boolean;
}

/** What is done at a step; each plan holds until the next, `hold` for one time. */
export type StepPlan =
  | { kind: "none" }
  | { kind: "record" }
  | { kind: "hold"; step: string }
  | {
      kind: "signal";
      signal: NodeJS.Signals;
      moment: "before" | "after";
      /** By name, or by number from 0. */
      step?: string;
      index?: number;
    };

export type BreakerCommand =
  | { do: "plan"; plan: StepPlan }
  | { do: "acquire"; name: string; options?: AcquireOptions }
  | { do: "run"; argv: string[] }
  | { do: "go" | "check" | "release" | "enter registry" | "leave registry" };

export interface AcquireOptions {
  staleMs?: number;
  maxWaitMs?: number;
  timeoutMs?: number;
}

export type BreakerEvent =
  | { event: "ready" | "planned" | "lost" | "inside" | "outside" }
  | ({ event: "acquired" } & Pick<HeldLock, "token" | "takeover" | "isNested" | "env">)
  | { event: "step" | "holding"; step: string }
  | { event: "waiting"; why: string }
  | { event: "checked"; isOurs: boolean }
  | { event: "released"; end: string }
  | { event: "started"; pid: number }
  | { event: "line"; line: string }
  | { event: "exited"; exitCode: number | null; signal: string | null }
  | { event: "refused"; message: string; exitCode: number; hint: string | undefined };

type Named<Name> = Extract<BreakerEvent, { event: Name }>;

export interface Breaker extends AsyncDisposable {
  readonly pid: number;
  /** Everything it has said. */
  readonly events: readonly BreakerEvent[];
  send(command: BreakerCommand): void;
  /** Waits for the nth event of this name, 0 is the first. */
  heard<Name extends BreakerEvent["event"]>(name: Name, nth?: number): Promise<Named<Name>>;
  /** Sends a command and waits for an answer that was not there before. */
  ask<Name extends BreakerEvent["event"]>(
    command: BreakerCommand,
    answer: Name,
  ): Promise<Named<Name>>;
  /** How it ended: the exit code, 128 + n for a signal. */
  readonly exited: Promise<number>;
}

export interface BreakerOptions extends Partial<BreakerSetup> {
  /** A program before ours, such as setpriv. */
  through?: string[];
  env?: Record<string, string>;
}

/** One that is ready. Disposing kills it, stopped or not, with the command that it runs. */
export async function startBreaker(site: LockSite, options: BreakerOptions = {}): Promise<Breaker> {
  const { through = [], env = {}, hasFlock = true, isBeating = true, hasWitness = false } = options;
  const setup: BreakerSetup = { hasFlock, isBeating, hasWitness };
  const program = `${import.meta.dir}/lock-breaker.ts`;
  const run = process.env.MOSAIC_TEST_RUN;
  const child = Bun.spawn([...through, process.execPath, program, JSON.stringify(setup)], {
    env: {
      PATH: "/usr/bin:/bin:/usr/sbin:/sbin",
      HOME: site.path,
      MOSAIC_STATE: site.at("state"),
      ...(run === undefined ? {} : { MOSAIC_TEST_RUN: run }),
      ...env,
    },
    cwd: site.path,
    stdio: ["pipe", "pipe", "pipe"],
  });
  const events: BreakerEvent[] = [];
  const errors = child.stderr.text();
  const read = readEvents(child.stdout, events);
  const named = <Name extends BreakerEvent["event"]>(name: Name) =>
    events.filter((event): event is Named<Name> => event.event === name);
  const heard = async <Name extends BreakerEvent["event"]>(name: Name, nth = 0) => {
    const found = await eventually(() => named(name)[nth], {
      what: `"${name}" of breaker ${child.pid}, which said ${JSON.stringify(events)}`,
      timeoutMs: 15_000,
      intervalMs: 3,
    });
    if (found === undefined) throw new Error(`no "${name}"`);
    return found;
  };
  const breaker: Breaker = {
    pid: child.pid,
    events,
    heard,
    send(command) {
      void child.stdin.write(`${JSON.stringify(command)}\n`);
      void child.stdin.flush();
    },
    ask(command, answer) {
      const nth = named(answer).length;
      breaker.send(command);
      return heard(answer, nth);
    },
    exited: child.exited,
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await child.exited;
      await read;
      for (const { pid } of named("started")) signal(-pid, "SIGKILL");
      const text = await errors;
      if (text !== "") throw new Error(`breaker ${child.pid}: ${text}`);
    },
  };
  await heard("ready");
  return breaker;
}

/** The first of them to say this; the other one with it. */
export async function firstToSay(
  [one, other]: [Breaker, Breaker],
  name: BreakerEvent["event"],
): Promise<{ first: Breaker; last: Breaker }> {
  const hasSaid = ({ events }: Breaker) => events.some(({ event }) => event === name);
  await eventually(() => hasSaid(one) || hasSaid(other), { what: `"${name}" of one of two` });
  return hasSaid(one) ? { first: one, last: other } : { first: other, last: one };
}

async function readEvents(
  stream: ReadableStream<Uint8Array>,
  events: BreakerEvent[],
): Promise<void> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of stream) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    events.push(...lines.map((line): BreakerEvent => JSON.parse(line)));
  }
}
