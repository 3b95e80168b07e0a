// A process that takes and breaks locks at the word of a test: one JSON command per line on standard input, one JSON
// event per line on standard output. It ends with its standard input. What matters in the order of several such
// processes stands in a file that they all append to.
import { appendFileSync, closeSync, openSync, rmSync, writeSync } from "node:fs";
import { createInterface } from "node:readline";
import { createContext } from "../../src/adapters/system.ts";
import { AppError } from "../../src/errors.ts";
import type { HeldLock } from "../../src/lock/held-lock.ts";
import { withRegistry } from "../../src/lock/registry-mutex.ts";
import { acquireLock } from "../../src/lock/restart-lock.ts";
import { withoutFlock, withSteps } from "./stepped-context.ts";
import type { BreakerCommand, BreakerEvent, BreakerSetup, StepPlan } from "./breaker.ts";

const setup: BreakerSetup = JSON.parse(process.argv[2] ?? "{}");

let plan: StepPlan = { kind: "none" };
let stepsBegun = 0;
let go: (() => void) | undefined;
let leave: (() => void) | undefined;
let held: HeldLock | undefined;

const real = setup.hasFlock ? createContext() : withoutFlock(createContext());
const ctx = withSteps(
  real,
  {
    async hold(step) {
      if (plan.kind !== "hold" || plan.step !== step) return;
      plan = { kind: "none" };
      const opened = Promise.withResolvers<void>();
      go = opened.resolve;
      say({ event: "holding", step });
      await opened.promise;
    },
    before: (step) => pass("before", step),
    after: (step) => pass("after", step),
  },
  { isBeating: setup.isBeating },
);

say({ event: "ready" });
for await (const line of createInterface({ input: process.stdin })) void run(JSON.parse(line));
process.exit(0);

async function run(command: BreakerCommand): Promise<void> {
  try {
    await act(command);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    const { message, exitCode, hint } = error;
    say({ event: "refused", message, exitCode, hint });
  }
}

async function act(command: BreakerCommand): Promise<void> {
  switch (command.do) {
    case "plan":
      plan = command.plan;
      stepsBegun = 0;
      say({ event: "planned" });
      break;
    case "go":
      go?.();
      break;
    case "acquire":
      await acquire(command);
      break;
    case "run":
      await runCommand(command.argv);
      break;
    case "check":
      say({ event: "checked", isOurs: await owned().check() });
      break;
    case "release":
      if (setup.hasWitness) rmSync(`${ctx.paths.home}/witness`);
      say({ event: "released", end: await owned().release() });
      break;
    case "enter registry":
      await withRegistry(ctx, async () => {
        log("enter");
        say({ event: "inside" });
        const left = Promise.withResolvers<void>();
        leave = left.resolve;
        await left.promise;
        log("leave");
      });
      say({ event: "outside" });
      break;
    case "leave registry":
      leave?.();
      break;
  }
}

async function acquire({ name, options }: BreakerCommand & { do: "acquire" }): Promise<void> {
  const lock = await acquireLock(ctx, name, {
    purpose: "a breaker",
    ...options,
    waiting: (why) => say({ event: "waiting", why }),
  });
  if (setup.hasWitness) witness();
  held = lock;
  log("acquired");
  lock.lost.addEventListener("abort", () => {
    log("lost");
    say({ event: "lost" });
  });
  const { token, takeover, isNested, env } = lock;
  say({ event: "acquired", token, takeover, isNested, env });
}

async function runCommand(argv: string[]): Promise<void> {
  const lock = owned();
  const child = ctx.spawn(argv, {
    env: { PATH: "/usr/bin:/bin", ...lock.env },
    onLine: (line) => say({ event: "line", line }),
    async gate(pid) {
      await lock.gate(pid);
      say({ event: "started", pid });
      pass("before", "open the gate");
      pass("after", "open the gate");
    },
  });
  const end = await child.exited;
  log("command ended");
  say({ event: "exited", ...end });
}

/** Two at once in the critical section are found by this alone, whatever the lock says. */
function witness(): void {
  try {
    closeSync(openSync(`${ctx.paths.home}/witness`, "wx"));
  } catch {
    log("overlap");
  }
}

function owned(): HeldLock {
  if (held === undefined) throw new Error("nothing was acquired");
  return held;
}

function pass(moment: "before" | "after", step: string): void {
  const index = moment === "before" ? stepsBegun++ : stepsBegun - 1;
  if (plan.kind === "record" && moment === "before") say({ event: "step", step });
  if (plan.kind !== "signal" || plan.moment !== moment) return;
  const isIt = plan.step === step || plan.index === index;
  // To ourselves: it is there before the call returns (kill(2)).
  if (isIt) process.kill(process.pid, plan.signal);
}

function log(what: string): void {
  appendFileSync(`${ctx.paths.home}/log`, `${what} ${process.pid}\n`);
}

function say(event: BreakerEvent): void {
  writeSync(1, `${JSON.stringify(event)}\n`);
}
