// The regressions that the lock's contract names, with processes of their own as breakers: at the barrier each has judged
// the lock stale, and has not touched anything yet.
import { expect, test } from "bun:test";
import { type AcquireOptions, type Breaker, startBreaker } from "../support/breaker.ts";
import { eventually } from "../support/eventually.ts";
import { lockSite, type LockSite, recordOf } from "../support/lock-site.ts";
import { someProcess, type SomeProcess } from "../support/some-process.ts";

/** A lock whose owner is dead, or lives and beats no more. */
async function staleLock(site: LockSite, kind: "dead" | "silent"): Promise<SomeProcess> {
  const owner = await someProcess();
  site.leave("demo", await recordOf(site, owner.pid), Date.now() - 3_600_000);
  if (kind === "dead") await owner.kill();
  return owner;
}

/** Breakers that all have judged, and wait before the first thing that changes anything. */
async function atBarrier(
  site: LockSite,
  stack: AsyncDisposableStack,
  { count, ...options }: { count: number } & AcquireOptions,
): Promise<Breaker[]> {
  const starts = Array.from({ length: count }, () => startBreaker(site, { hasWitness: true }));
  const breakers = await Promise.all(starts);
  for (const breaker of breakers) {
    stack.use(breaker);
    const plan = { kind: "hold", step: "open new registry.mutex" } as const;
    await breaker.ask({ do: "plan", plan }, "planned");
    breaker.send({ do: "acquire", name: "demo", options });
  }
  await Promise.all(breakers.map((breaker) => breaker.heard("holding")));
  return breakers;
}

/** Whoever has the lock keeps it until each of the others is known to wait for it. */
async function takeTurns(breakers: Breaker[]): Promise<number> {
  for (const breaker of breakers) breaker.send({ do: "go" });
  let maxActive = 0;
  for (let left = breakers; left.length > 0;) {
    const active = await eventually(() => left.filter(hasAcquired), {
      what: "somebody to get the lock",
      until: (found) => found.length > 0,
      timeoutMs: 10_000,
    });
    maxActive = Math.max(maxActive, active.length);
    left = left.filter((breaker) => !active.includes(breaker));
    await Promise.all(left.map((breaker) => breaker.heard("waiting")));
    for (const breaker of active) await breaker.ask({ do: "release" }, "released");
  }
  return maxActive;
}

function acquisitionOf({ events }: Breaker) {
  return events.find((event) => event.event === "acquired");
}

function hasAcquired(breaker: Breaker): boolean {
  return acquisitionOf(breaker) !== undefined;
}

test.concurrent.each([
  { breakers: "two breakers", count: 2, kind: "dead" },
  { breakers: "two breakers", count: 2, kind: "silent" },
  { breakers: "three breakers", count: 3, kind: "dead" },
  { breakers: "three breakers", count: 3, kind: "silent" },
] as const)(
  "of $breakers at a barrier on a $kind lock exactly one takes over; the others wait and then get it in turn",
  async ({ count, kind }) => {
    using site = lockSite();
    await using stack = new AsyncDisposableStack();
    const owner = stack.use(await staleLock(site, kind));
    const breakers = await atBarrier(site, stack, { count, staleMs: 3_000 });
    const maxActive = await takeTurns(breakers);
    const acquisitions = breakers.map(acquisitionOf);
    const takeovers = acquisitions.flatMap((acquisition) => acquisition?.takeover ?? []);
    expect({
      maxActive,
      distinctTokens: new Set(acquisitions.map((acquisition) => acquisition?.token)).size,
      takeovers,
      left: site.left(),
    }).toEqual({
      maxActive: 1,
      distinctTokens: count,
      takeovers: [{ reason: kind, pid: owner.pid }],
      left: [],
    });
    expect(site.read("log")).not.toContain("overlap");
  },
);

test("a breaker that judged the lock, while another took it over and gave it back, leaves the next owner alone", async () => {
  using site = lockSite();
  await using stack = new AsyncDisposableStack();
  stack.use(await staleLock(site, "dead"));
  const [late, early] = await atBarrier(site, stack, { count: 2 });
  const next = stack.use(await startBreaker(site, { hasWitness: true }));
  early?.send({ do: "go" });
  await early?.heard("acquired");
  await early?.ask({ do: "release" }, "released");
  await next.ask({ do: "acquire", name: "demo" }, "acquired");
  late?.send({ do: "go" });
  await late?.heard("waiting");
  expect(await next.ask({ do: "check" }, "checked")).toMatchObject({ isOurs: true });
  await next.ask({ do: "release" }, "released");
  expect(await late?.heard("acquired")).toMatchObject({ isNested: false });
  await late?.ask({ do: "release" }, "released");
  expect(site.read("log")).not.toContain("overlap");
  expect(site.left()).toEqual([]);
});
