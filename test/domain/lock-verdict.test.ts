// Over 200 lines because the whole table of decisions stands in one place.
import { describe, expect, test } from "bun:test";
import {
  type LockContent,
  lockFormat,
  type LockProcess,
  type LockRecord,
} from "../../src/domain/lock-record.ts";
import {
  beatMs,
  isLockSilent,
  isOfEarlierBoot,
  isWithinSight,
  judgeLock,
  type LockFacts,
  type LockVerdict,
  minStaleMs,
} from "../../src/domain/lock-verdict.ts";

const staleMs = 30_000;
const owner: LockProcess = {
  pid: 4242,
  startTicks: 1000,
  bootId: "boot-1",
  pidNamespace: "pid:[1]",
  host: "here",
};
const record: LockRecord = {
  format: lockFormat,
  token: "a1",
  owner,
  purpose: "agent reset",
  acquiredAt: 0,
  children: [],
  isBeating: true,
};
const breaker = { token: "b2", process: { ...owner, pid: 5353 }, isAcknowledged: true };
const lockOf = (changes: Partial<LockRecord> = {}): LockContent => ({
  kind: "record",
  record: { ...record, ...changes },
});
const held = lockOf();
const broken = lockOf({ breaker });
const scripts = lockOf({ isBeating: false });
const ofNewer = lockOf({ format: lockFormat + 1 });
const newer: LockContent = { kind: "newer", format: lockFormat + 1 };
const unreadable: LockContent = { kind: "unreadable" };

/** A holder that lives, has just touched it, and for which nobody has waited yet. */
const fresh: LockFacts = {
  content: held,
  holderLives: "yes",
  commandLives: false,
  ageMs: 0,
  unchangedMs: 0,
  waitedMs: 0,
};
const silent = { ageMs: staleMs, unchangedMs: staleMs };
/** So long after ten minutes, in which no start is still under way. */
const starting = (ms: number) => ({ ageMs: 600_000 + ms, unchangedMs: 600_000 + ms });
const long = { waitedMs: 60_000 };

const take = (reason: "free" | "dead" | "unreadable") => ({ action: "take", reason }) as const;
const breakAs = (reason: "silent" | "dead" | "max-wait") => ({ action: "break", reason }) as const;
const wait = (why: string) => ({ action: "wait", why }) as const;
const newerHolds = wait("a newer mosaic holds it");
const lives = wait("pid 4242 holds it (agent reset)");
const elsewhere = wait("pid 4242 on here holds it (agent reset)");
const orphaned = wait("the command of pid 4242 (agent reset) lives on without it");

const table: [string, Partial<LockFacts>, LockVerdict][] = [
  ["a free lock is taken", { content: undefined }, take("free")],
  ["a living holder is waited for", {}, lives],
  ["a silent one is broken", silent, breakAs("silent")],
  ["a dead one's lock is taken", { holderLives: "no" }, take("dead")],
  ["a dead and silent one's is taken", { ...silent, holderLives: "no" }, take("dead")],
  ["a dead one's command is waited for", { holderLives: "no", commandLives: true }, orphaned],
  [
    "a dead one's command is ended after the silence",
    { ...silent, holderLives: "no", commandLives: true },
    breakAs("silent"),
  ],
  ["one out of sight is waited for", { holderLives: "unknown" }, elsewhere],
  [
    "one out of sight that is silent is broken",
    { ...silent, holderLives: "unknown" },
    breakAs("silent"),
  ],
  ["what runs under it makes no living holder silent", { commandLives: true }, lives],
  ["without a max-wait a living holder is never broken", { waitedMs: 1e12 }, lives],

  ["an owner that cannot touch it is waited for", { ...silent, content: scripts }, lives],
  [
    "just before the longest start there is it is waited for",
    { ...starting(-1), content: scripts },
    lives,
  ],
  [
    "after the longest start there is it is broken",
    { ...starting(0), content: scripts },
    breakAs("silent"),
  ],
  [
    "a dead one that could not touch it leaves it to us",
    { content: scripts, holderLives: "no" },
    take("dead"),
  ],
  [
    "a dead script's command is ended after the silence",
    { ...silent, content: scripts, holderLives: "no", commandLives: true },
    breakAs("silent"),
  ],
  [
    "a silent breaker of it is broken",
    { ...silent, content: lockOf({ isBeating: false, breaker }) },
    breakAs("silent"),
  ],

  [
    "who is breaking it is waited for",
    { content: broken },
    wait("pid 5353 holds it (agent reset)"),
  ],
  ["a silent breaker is broken", { ...silent, content: broken }, breakAs("silent")],
  ["a dead breaker's lock is taken", { content: broken, holderLives: "no" }, take("dead")],
  [
    "a dead breaker's work is finished at once, since the owner has lost already",
    { content: broken, holderLives: "no", commandLives: true },
    breakAs("dead"),
  ],

  ["an unreadable file is waited for", { content: unreadable }, wait("its file cannot be read")],
  [
    "an unreadable file that is old is taken",
    { ...silent, content: unreadable },
    take("unreadable"),
  ],
  ["a newer file is waited for", { content: newer }, newerHolds],
  ["a newer file is waited for however old it is", { ...silent, content: newer }, newerHolds],
  ["a newer owner is waited for", { content: ofNewer }, newerHolds],
  ["a newer owner is never broken for its silence", { ...silent, content: ofNewer }, newerHolds],
  [
    "a newer owner's command is never ended",
    { ...silent, content: ofNewer, holderLives: "no", commandLives: true },
    newerHolds,
  ],
  [
    "a newer owner that is dead leaves its lock to us",
    { content: ofNewer, holderLives: "no" },
    take("dead"),
  ],
];

test.each(table)("%s", (_name, facts, verdict) => {
  expect(judgeLock({ ...fresh, ...facts }, { staleMs })).toEqual(verdict);
});

const afterMaxWait: [string, Partial<LockFacts>, LockVerdict][] = [
  ["a free lock is still just free", { content: undefined }, take("free")],
  ["a living holder is broken", {}, breakAs("max-wait")],
  ["one out of sight is broken", { holderLives: "unknown" }, breakAs("max-wait")],
  ["one that cannot touch it is broken", { content: scripts }, breakAs("max-wait")],
  ["a breaker is broken", { content: broken }, breakAs("max-wait")],
  [
    "a dead holder's command is ended",
    { holderLives: "no", commandLives: true },
    breakAs("max-wait"),
  ],
  ["a dead holder's lock is taken", { holderLives: "no" }, take("dead")],
  ["a silent holder is broken for that", silent, breakAs("silent")],
  [
    "an unreadable file is waited for all the same",
    { content: unreadable },
    wait("its file cannot be read"),
  ],
  ["a newer one is waited for all the same", { content: ofNewer }, newerHolds],
  ["a newer file is waited for all the same", { content: newer }, newerHolds],
];

describe("after the longest wait", () => {
  test.each(afterMaxWait)("%s", (_name, facts, verdict) => {
    const patience = { staleMs, maxWaitMs: long.waitedMs };
    expect(judgeLock({ ...fresh, ...long, ...facts }, patience)).toEqual(verdict);
  });
});

test("a millisecond before the longest wait nobody is broken", () => {
  const patience = { staleMs, maxWaitMs: 60_000 };
  expect(judgeLock({ ...fresh, waitedMs: 59_999 }, patience)).toEqual(lives);
});

test("without a purpose none is told", () => {
  expect(judgeLock({ ...fresh, content: lockOf({ purpose: "" }) }, { staleMs })).toEqual(
    wait("pid 4242 holds it"),
  );
});

test("a lock may not go stale sooner than an owner misses some beats", () => {
  expect(minStaleMs).toBe(3 * beatMs);
});

test.each([
  ["beats just now", 0, 0, false],
  ["is old, but we look for the first time", 1e12, 0, false],
  ["is old, and has missed its beats under our eyes", staleMs, minStaleMs, true],
  ["is old, and may still beat", staleMs, minStaleMs - 1, false],
  ["is nearly old", staleMs - 1, minStaleMs, false],
  [
    "lies ahead since the clock was set back, and stands still for as long",
    -3_600_000,
    staleMs,
    true,
  ],
  ["lies ahead since the clock was set back", -3_600_000, staleMs - 1, false],
])("a lock that %s: silent is %p", (_name, ageMs, unchangedMs, isSilent) => {
  expect(isLockSilent({ ageMs, unchangedMs }, { staleMs })).toBe(isSilent);
});

const sights: [string, Partial<LockProcess>, Partial<LockProcess>, boolean, boolean][] = [
  ["another process of this boot", { pid: 7, startTicks: 5 }, {}, true, false],
  ["one of an earlier boot", { bootId: "boot-0" }, {}, false, true],
  ["one of a host that is called otherwise by now", { host: "there" }, {}, true, false],
  ["one of another host and boot", { host: "there", bootId: "boot-0" }, {}, false, false],
  ["one of another container", { pidNamespace: "pid:[2]" }, {}, false, false],
  [
    "one of another container and boot",
    { pidNamespace: "pid:[2]", bootId: "boot-0" },
    {},
    false,
    true,
  ],
  ["one without a start", { startTicks: 0 }, {}, false, false],
  ["one without a boot", { bootId: "" }, {}, false, false],
  ["one seen by a program that knows no boot", {}, { bootId: "" }, false, false],
  ["one without a boot, seen by one without", { bootId: "" }, { bootId: "" }, false, false],
];

test.each(sights)("%s", (_name, theirs, ours, isSeen, isEarlier) => {
  const [process, self] = [
    { ...owner, ...theirs },
    { ...owner, ...ours },
  ];
  expect(isWithinSight(process, self)).toBe(isSeen);
  expect(isOfEarlierBoot(process, self)).toBe(isEarlier);
});
