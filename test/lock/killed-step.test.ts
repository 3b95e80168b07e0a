// A process is killed before and after every step of every transition. Whatever was cut off, the next ones get the lock,
// one at a time, and leave nothing.
import { expect, test } from "bun:test";
import { closeSync, existsSync, openSync, rmSync } from "node:fs";
import { acquireLock } from "../../src/lock/restart-lock.ts";
import { eventually } from "../support/eventually.ts";
import { lockSite, type LockSite } from "../support/lock-site.ts";
import { breakerAt, type Scenario, scenarios } from "../support/lock-scenarios.ts";
import { isRunning } from "../support/processes.ts";

const all: Scenario[] = Object.values(scenarios);

/** Cases at a time: each mostly waits for a process to start. */
const width = 4;

/** Dozens of processes, on a machine that has other things to do. */
const timeoutMs = 60_000;

interface Cut {
  index: number;
  moment: "before" | "after";
}

test.each(all)("the steps of: $name", async (scenario) => {
  using site = lockSite();
  await using stack = new AsyncDisposableStack();
  await scenario.prepare(site, stack);
  const breaker = await breakerAt(scenario, { site, stack });
  await breaker.ask({ do: "plan", plan: { kind: "record" } }, "planned");
  await breaker.ask(scenario.command, scenario.answer);
  const steps = breaker.events.flatMap((event) => (event.event === "step" ? [event.step] : []));
  expect(steps).toEqual(scenario.steps);
});

test.each(all)(
  "a kill at any step is got over: $name",
  async (scenario) => {
    const cuts = scenario.steps.flatMap((_step, index): Cut[] => [
      { index, moment: "before" },
      { index, moment: "after" },
    ]);
    const faults: string[] = [];
    const worker = async (): Promise<void> => {
      for (let cut = cuts.shift(); cut !== undefined; cut = cuts.shift()) {
        const step = `${cut.moment} ${scenario.steps[cut.index]} (${cut.index})`;
        faults.push(...(await faultsOf(scenario, cut)).map((fault) => `${step}: ${fault}`));
      }
    };
    await Promise.all(Array.from({ length: width }, worker));
    expect(faults).toEqual([]);
  },
  timeoutMs,
);

async function faultsOf(scenario: Scenario, { index, moment }: Cut): Promise<string[]> {
  using site = lockSite();
  await using stack = new AsyncDisposableStack();
  const doomed = await scenario.prepare(site, stack);
  const victim = await breakerAt(scenario, { site, stack });
  const plan = { kind: "signal", signal: "SIGKILL", moment, index } as const;
  await victim.ask({ do: "plan", plan }, "planned");
  victim.send(scenario.command);
  const faults: string[] = [];
  await eventually(() => !isRunning(victim.pid), { what: `the kill ${moment} step ${index}` });
  expect(await victim.exited).toBe(137);
  // Its holder is dead; it would be reaped when it is two seconds old.
  site.ageMutex();
  await Promise.all([1, 2].map(async () => faults.push(...(await oneTurn(site, doomed)))));
  if (existsSync(site.at("ran"))) faults.push("a command ran that nobody waited for");
  return [...faults, ...site.left().map((file) => `left ${file}`)];
}

/** Takes the lock from this process, which is another one than the victim, and gives it back. */
async function oneTurn(site: LockSite, doomed: readonly number[]): Promise<string[]> {
  // Only the living owner of one scenario is ever made to lose by this.
  const options = { purpose: "a test", maxWaitMs: 500, timeoutMs: 5_000 };
  await using held = await acquireLock(site.ctx, "demo", options);
  const faults = doomed.filter(isRunning).map((pid) => `command ${pid} lives on`);
  try {
    closeSync(openSync(site.at("witness"), "wx"));
    rmSync(site.at("witness"));
  } catch {
    faults.push("two hold it");
  }
  if ((await held.release()) !== "released") faults.push("it was lost");
  return faults;
}

test("a dead holder's mutex is reaped by the clock when nobody touches its time", async () => {
  using site = lockSite();
  await using stack = new AsyncDisposableStack();
  const breaker = await breakerAt(scenarios.acquire, { site, stack });
  const step = "write registry.mutex";
  const plan = { kind: "signal", signal: "SIGKILL", moment: "after", step } as const;
  await breaker.ask({ do: "plan", plan }, "planned");
  breaker.send(scenarios.acquire.command);
  await breaker.exited;
  const beganAt = performance.now();
  expect(await oneTurn(site, [])).toEqual([]);
  expect(performance.now() - beganAt).toBeWithin(1_500, 5_000);
  expect(site.left()).toEqual([]);
});
