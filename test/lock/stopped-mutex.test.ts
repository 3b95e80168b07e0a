// A process that is stopped while it holds the registry mutex: it lives, so with flock nobody else gets in, however old the
// mutex looks. Without flock its age is all there is.
import { expect, test } from "bun:test";
import { statSync, utimesSync } from "node:fs";
import { acquireLock } from "../../src/lock/restart-lock.ts";
import { withRegistry } from "../../src/lock/registry-mutex.ts";
import { type Breaker, firstToSay, startBreaker } from "../support/breaker.ts";
import { eventually } from "../support/eventually.ts";
import { withoutFlock } from "../support/stepped-context.ts";
import { lockSite, type LockSite } from "../support/lock-site.ts";

const timeoutMs = 20_000;

/** Inside the mutex, and stopped there. */
async function stoppedInside(site: LockSite, options = {}): Promise<Breaker> {
  const holder = await startBreaker(site, options);
  await holder.ask({ do: "enter registry" }, "inside");
  process.kill(holder.pid, "SIGSTOP");
  return holder;
}

/** Who entered the mutex and left it, in order. */
function passages(site: LockSite): string[] {
  return site.read("log").trimEnd().split("\n");
}

test.concurrent.each(["older than two seconds by now", "back-dated by an hour"])(
  "while the holder of the mutex is stopped nobody gets in, and all go on after it: %s",
  async (age) => {
    using site = lockSite();
    await using holder = await stoppedInside(site);
    await using one = await startBreaker(site);
    await using other = await startBreaker(site);
    if (age.startsWith("back")) site.ageMutex();
    const { ino } = statSync(site.files.mutex);
    one.send({ do: "enter registry" });
    other.send({ do: "enter registry" });
    // By then each has looked at it long enough to think it stale, and has found its flock held.
    await eventually(() => Date.now() - statSync(site.files.mutex).mtimeMs > 2_500);
    const beganAt = performance.now();
    await eventually(() => performance.now() - beganAt > (age.startsWith("back") ? 2_500 : 0));
    expect(statSync(site.files.mutex).ino).toBe(ino);
    expect(passages(site)).toEqual([`enter ${holder.pid}`]);
    process.kill(holder.pid, "SIGCONT");
    await holder.ask({ do: "leave registry" }, "outside");
    const { first, last } = await firstToSay([one, other], "inside");
    await first.ask({ do: "leave registry" }, "outside");
    await last.heard("inside");
    await last.ask({ do: "leave registry" }, "outside");
    const order = [holder, first, last].flatMap(({ pid }) => [`enter ${pid}`, `leave ${pid}`]);
    expect(passages(site)).toEqual(order);
    expect(site.left()).toEqual([]);
  },
  timeoutMs,
);

function isInside({ events }: Breaker): boolean {
  return events.some(({ event }) => event === "inside");
}

test.concurrent(
  "whoever waits too long for a stopped holder is told its pid and what helps",
  async () => {
    using site = lockSite();
    await using holder = await stoppedInside(site);
    await using waiter = await startBreaker(site);
    expect(await waiter.ask({ do: "acquire", name: "demo" }, "refused")).toEqual({
      event: "refused",
      message: `the lock registry ${site.files.mutex} is kept by process ${holder.pid}`,
      exitCode: 75,
      hint: `ps -fp ${holder.pid}   # is it stopped? kill -CONT ${holder.pid}`,
    });
  },
  timeoutMs,
);

test("without flock a mutex is reaped by its age alone, and its holder leaves the next one's where it is", async () => {
  using site = lockSite();
  const ctx = withoutFlock(site.ctx);
  await using holder = await stoppedInside(site, { hasFlock: false });
  site.ageMutex();
  await withRegistry(ctx, async () => {
    const { ino } = statSync(site.files.mutex);
    process.kill(holder.pid, "SIGCONT");
    await holder.ask({ do: "leave registry" }, "outside");
    expect(statSync(site.files.mutex).ino).toBe(ino);
  });
  expect(site.left()).toEqual([]);
});

test("a mutex that is being created, and is empty yet, is waited for as long as it is young", async () => {
  using site = lockSite();
  await using creator = await startBreaker(site);
  const plan = { kind: "hold", step: "flock registry.mutex" } as const;
  await creator.ask({ do: "plan", plan }, "planned");
  creator.send({ do: "enter registry" });
  await creator.heard("holding");
  expect(statSync(site.files.mutex).size).toBe(0);
  await using other = await startBreaker(site);
  const seen = { kind: "hold", step: "stat registry.mutex" } as const;
  await other.ask({ do: "plan", plan: seen }, "planned");
  other.send({ do: "acquire", name: "demo" });
  await other.heard("holding");
  creator.send({ do: "go" });
  await creator.heard("inside");
  other.send({ do: "go" });
  await creator.ask({ do: "leave registry" }, "outside");
  await other.heard("acquired");
  await other.ask({ do: "release" }, "released");
  expect(site.left()).toEqual([]);
});

test("a creator that was so slow that its empty mutex was reaped sees it, and begins anew", async () => {
  using site = lockSite();
  await using creator = await startBreaker(site);
  const plan = { kind: "hold", step: "flock registry.mutex" } as const;
  await creator.ask({ do: "plan", plan }, "planned");
  creator.send({ do: "enter registry" });
  await creator.heard("holding");
  site.ageMutex();
  await withRegistry(site.ctx, async () => {
    creator.send({ do: "go" });
    // It would be inside by the time that it has answered this.
    await creator.ask({ do: "plan", plan: { kind: "none" } }, "planned");
    expect(isInside(creator)).toBe(false);
  });
  await creator.heard("inside");
  await creator.ask({ do: "leave registry" }, "outside");
  expect(site.left()).toEqual([]);
});

/** One that has found the mutex old, has opened it, and is about to take its flock. */
async function reaperAtFlock(site: LockSite, options = {}): Promise<Breaker> {
  site.leaveMutex("4711\n", 60_000);
  const reaper = await startBreaker(site, options);
  const plan = { kind: "hold", step: "flock registry.mutex" } as const;
  await reaper.ask({ do: "plan", plan }, "planned");
  reaper.send({ do: "enter registry" });
  await reaper.heard("holding");
  return reaper;
}

test("a reaper that another one has forestalled does not remove the mutex of whoever is inside by then", async () => {
  using site = lockSite();
  await using reaper = await reaperAtFlock(site);
  await withRegistry(site.ctx, async () => {
    const { ino } = statSync(site.files.mutex);
    const plan = { kind: "hold", step: "open new registry.mutex" } as const;
    await reaper.ask({ do: "plan", plan }, "planned");
    reaper.send({ do: "go" });
    // It has got the flock, on a file that is nowhere any more, and begins anew.
    await reaper.heard("holding", 1);
    expect(statSync(site.files.mutex).ino).toBe(ino);
    expect(isInside(reaper)).toBe(false);
  });
  reaper.send({ do: "go" });
  await reaper.heard("inside");
  await reaper.ask({ do: "leave registry" }, "outside");
  expect(site.left()).toEqual([]);
});

test("without flock a reaper leaves a mutex alone whose creator has come to life since", async () => {
  using site = lockSite();
  await using reaper = await reaperAtFlock(site, { hasFlock: false });
  const { ino } = statSync(site.files.mutex);
  utimesSync(site.files.mutex, Date.now() / 1000, Date.now() / 1000);
  const plan = { kind: "hold", step: "open new registry.mutex" } as const;
  await reaper.ask({ do: "plan", plan }, "planned");
  reaper.send({ do: "go" });
  await reaper.heard("holding", 1);
  expect(statSync(site.files.mutex).ino).toBe(ino);
});

test.each([
  ["empty", ""],
  ["of a dead process", "4711\n"],
  ["of a living process that does not hold it", `${process.pid}\n`],
  ["garbage", "\0\0{"],
])("an old mutex is reaped by its age, whatever it says: %s", async (_what, text) => {
  using site = lockSite();
  site.leaveMutex(text, 3_000);
  const held = await acquireLock(site.ctx, "demo", { purpose: "a test", timeoutMs: 1_000 });
  await held.release();
  expect(site.left()).toEqual([]);
});

test.concurrent.each([
  ["empty", ""],
  ["of a dead process", "4711\n"],
])("a young mutex is no evidence of death, and is waited for: %s", async (_what, text) => {
  using site = lockSite();
  site.leaveMutex(text, 0);
  const beganAt = performance.now();
  const held = await acquireLock(site.ctx, "demo", { purpose: "a test" });
  expect(performance.now() - beganAt).toBeGreaterThan(1_500);
  await held.release();
  expect(site.left()).toEqual([]);
});
