// A living owner that is made to lose: its command is ended first, with all of its process group; it learns that it lost,
// and can start nothing more.
import { expect, test } from "bun:test";
import { type Breaker, firstToSay, startBreaker } from "../support/breaker.ts";
import { eventually } from "../support/eventually.ts";
import { lockSite, type LockSite, readRecord } from "../support/lock-site.ts";
import { isRunning } from "../support/processes.ts";

const timeoutMs = 20_000;
const acquire = { do: "acquire", name: "demo" } as const;
const breaking = { ...acquire, options: { maxWaitMs: 100 } } as const;

/** Tells the pids of itself and of a child, then stays. */
const familyScript = "sleep 60 & echo $$ $!; wait";
const deafScript = `trap '' TERM; sh -c 'trap "" TERM; while :; do sleep 1; done' & echo $$ $!; while :; do sleep 1; done`;

/** An owner with a command in a process group of two; the pids of both. */
async function ownerWithCommand(
  site: LockSite,
  script: string,
): Promise<{ owner: Breaker; pids: number[] }> {
  const owner = await startBreaker(site);
  await owner.ask(acquire, "acquired");
  owner.send({ do: "run", argv: ["sh", "-c", script] });
  const { line } = await owner.heard("line");
  return { owner, pids: line.split(" ").map(Number) };
}

/** What happened, without who. */
function happenings(site: LockSite, owner: Breaker): string[] {
  const lines = site.read("log").trimEnd().split("\n");
  return lines.map((line) => line.replace(/ \d+$/, line.endsWith(` ${owner.pid}`) ? "" : " (new)"));
}

test.concurrent.each([
  ["", familyScript, 0],
  [" even when it is deaf to SIGTERM", deafScript, 5_000],
])(
  "past max-wait a stopped owner's command is ended with its group before the new owner has the lock%s",
  async (_how, script, leastMs) => {
    using site = lockSite();
    const { owner, pids } = await ownerWithCommand(site, script);
    await using stack = new AsyncDisposableStack();
    stack.use(owner);
    await using breaker = await startBreaker(site);
    process.kill(owner.pid, "SIGSTOP");
    const beganAt = performance.now();
    const { takeover } = await breaker.ask(breaking, "acquired");
    expect(pids.filter(isRunning)).toEqual([]);
    expect(performance.now() - beganAt).toBeGreaterThan(leastMs);
    expect(takeover).toEqual({ reason: "max-wait", pid: owner.pid });

    process.kill(owner.pid, "SIGCONT");
    await owner.heard("lost");
    expect(await owner.ask({ do: "check" }, "checked")).toMatchObject({ isOurs: false });
    expect(await owner.ask({ do: "run", argv: ["touch", "ran"] }, "refused")).toMatchObject({
      message: "the lock demo was taken over by another process",
      exitCode: 75,
    });
    const mine = readRecord(site, "demo");
    expect(await owner.ask({ do: "release" }, "released")).toMatchObject({ end: "lost" });
    expect(readRecord(site, "demo")).toEqual(mine);
    expect(await breaker.ask({ do: "check" }, "checked")).toMatchObject({ isOurs: true });
    expect(await breaker.ask({ do: "release" }, "released")).toMatchObject({ end: "released" });
    expect(site.left()).toEqual([]);
    expect(await Bun.file(site.at("ran")).exists()).toBe(false);
  },
  timeoutMs,
);

test("a living owner's command ends, and the owner knows that it lost, before the new one has the lock", async () => {
  using site = lockSite();
  const { owner, pids } = await ownerWithCommand(site, familyScript);
  await using stack = new AsyncDisposableStack();
  stack.use(owner);
  await using breaker = await startBreaker(site);
  await breaker.ask(breaking, "acquired");
  expect(pids.filter(isRunning)).toEqual([]);
  await owner.heard("exited");
  expect(happenings(site, owner).filter((line) => line !== "command ended")).toEqual([
    "acquired",
    "lost",
    "acquired (new)",
  ]);
  await breaker.ask({ do: "release" }, "released");
  expect(site.left()).toEqual([]);
});

test("an owner without a command knows that it lost before the new one has the lock", async () => {
  using site = lockSite();
  await using owner = await startBreaker(site);
  await owner.ask(acquire, "acquired");
  await using breaker = await startBreaker(site);
  await breaker.ask(breaking, "acquired");
  expect(happenings(site, owner)).toEqual(["acquired", "lost", "acquired (new)"]);
  expect(await owner.ask({ do: "release" }, "released")).toMatchObject({ end: "lost" });
  expect(await owner.ask({ do: "release" }, "released")).toMatchObject({ end: "lost" });
  await breaker.ask({ do: "release" }, "released");
  expect(site.left()).toEqual([]);
});

test("a command that is about to start when its lock is condemned never runs", async () => {
  using site = lockSite();
  await using owner = await startBreaker(site, { isBeating: false });
  await owner.ask(acquire, "acquired");
  const plan = { kind: "hold", step: "open new registry.mutex" } as const;
  await owner.ask({ do: "plan", plan }, "planned");
  owner.send({ do: "run", argv: ["touch", "ran"] });
  await owner.heard("holding");
  await using breaker = await startBreaker(site);
  await breaker.ask(breaking, "acquired");
  expect(await owner.ask({ do: "go" }, "refused")).toMatchObject({ exitCode: 75 });
  expect(await owner.heard("lost")).toBeDefined();
  await breaker.ask({ do: "release" }, "released");
  expect(await Bun.file(site.at("ran")).exists()).toBe(false);
  expect(site.left()).toEqual([]);
});

test("of two breakers past max-wait one condemns the owner; the other waits for its own max-wait", async () => {
  using site = lockSite();
  const { owner, pids } = await ownerWithCommand(site, familyScript);
  await using stack = new AsyncDisposableStack();
  stack.use(owner);
  await using one = await startBreaker(site, { hasWitness: true });
  await using other = await startBreaker(site, { hasWitness: true });
  const options = { maxWaitMs: 1_000 };
  for (const breaker of [one, other]) breaker.send({ ...acquire, options });
  const { first, last } = await firstToSay([one, other], "acquired");
  expect(pids.filter(isRunning)).toEqual([]);
  expect(hasAcquired(last)).toBe(false);
  await first.ask({ do: "release" }, "released");
  expect(await last.heard("acquired")).not.toHaveProperty("takeover");
  await last.ask({ do: "release" }, "released");
  expect(site.read("log")).not.toContain("overlap");
  expect(site.left()).toEqual([]);
});

function hasAcquired({ events }: Breaker): boolean {
  return events.some(({ event }) => event === "acquired");
}

test.concurrent(
  "an owner that is stopped and goes on within the stale time keeps its lock",
  async () => {
    using site = lockSite();
    await using owner = await startBreaker(site);
    await owner.ask(acquire, "acquired");
    await using breaker = await startBreaker(site);
    process.kill(owner.pid, "SIGSTOP");
    breaker.send({ ...acquire, options: { staleMs: 6_000 } });
    await breaker.heard("waiting");
    const stoppedAt = performance.now();
    await eventually(() => performance.now() - stoppedAt > 3_500);
    process.kill(owner.pid, "SIGCONT");
    expect(await owner.ask({ do: "check" }, "checked")).toMatchObject({ isOurs: true });
    expect(await owner.ask({ do: "release" }, "released")).toMatchObject({ end: "released" });
    expect(await breaker.heard("acquired")).toMatchObject({ isNested: false });
    await breaker.ask({ do: "release" }, "released");
    expect(site.left()).toEqual([]);
  },
  timeoutMs,
);
