// What to do about a restart lock that somebody else may hold. Pure: the one table of when a lock is free, when it is
// waited for, and when it is broken.
import {
  holderOf,
  type LockContent,
  lockFormat,
  type LockProcess,
  type LockRecord,
} from "./lock-record.ts";
import { oneLine } from "./terminal-text.ts";

/** How often an owner touches its lock. */
export const beatMs = 1000;

/** A living owner that is only slow misses no more beats than this. */
const missedBeats = 3;

/** The least that `staleMs` may be. */
export const minStaleMs = beatMs * missedBeats;

/** An owner that cannot touch its lock (a script that starts an agent) is done with it long before. */
const longestStartMs = 10 * 60_000;

export interface LockPatience {
  /** An owner that lives, as far as can be known, but has not touched its lock for this long is taken for hung. */
  staleMs: number;
  /** After this long even an owner that does touch it is made to lose; never, when left out. */
  maxWaitMs?: number | undefined;
}

export interface LockFacts {
  /** undefined: there is no file, which is how a free lock looks. */
  content: LockContent | undefined;
  /** Whoever answers for it: the owner, or who was taking it over. `unknown`: of another host or container. */
  holderLives: "yes" | "no" | "unknown";
  /** A command that ran under it, or something in its process group, lives. */
  commandLives: boolean;
  /** Since its last beat, by the clock on the wall, which may have been set meanwhile. */
  ageMs: number;
  /** For how long we have seen no beat, by the monotonic clock. */
  unchangedMs: number;
  /** For how long we have waited for this very holder, by the monotonic clock. */
  waitedMs: number;
}

/**
 * `take`: nothing that ran under it lives. `break`: whoever has it is made to lose it first. `wait`: and why, for people.
 */
export type LockVerdict =
  | { action: "take"; reason: "free" | "dead" | "unreadable" }
  | { action: "break"; reason: "silent" | "dead" | "max-wait" }
  | { action: "wait"; why: string };

/** The verdict over one look at a lock. */
export function judgeLock(facts: LockFacts, patience: LockPatience): LockVerdict {
  const { content } = facts;
  if (content === undefined) return { action: "take", reason: "free" };
  const isSilent = isLockSilent(facts, patience);
  if (content.kind === "unreadable") {
    // It may be on its way to the disk, or be another program's; nothing that ran under it can be known.
    if (isSilent) return { action: "take", reason: "unreadable" };
    return { action: "wait", why: "its file cannot be read" };
  }
  if (content.kind === "newer") return { action: "wait", why: "a newer mosaic holds it" };
  const { record } = content;
  const isOver = facts.holderLives === "no" && !facts.commandLives;
  if (isOver) return { action: "take", reason: "dead" };
  if (record.format > lockFormat) return { action: "wait", why: "a newer mosaic holds it" };
  // Who was breaking it has died over it; the owner before has lost it already.
  if (record.breaker !== undefined && facts.holderLives === "no") {
    return { action: "break", reason: "dead" };
  }
  if (isSilent && isToBeat(facts, record)) return { action: "break", reason: "silent" };
  if (isLockSilent(facts, { staleMs: longestStartMs }))
    return { action: "break", reason: "silent" };
  const { maxWaitMs } = patience;
  if (maxWaitMs !== undefined && facts.waitedMs >= maxWaitMs) {
    return { action: "break", reason: "max-wait" };
  }
  return { action: "wait", why: whyHeld(facts, holderOf(record)) };
}

/** A breaker always beats, and so does its lock; a command whose owner is dead has nobody to beat for it. */
function isToBeat({ holderLives }: LockFacts, record: LockRecord): boolean {
  return record.isBeating || record.breaker !== undefined || holderLives === "no";
}

/**
 * By the wall clock at once, but for a few beats, in which an owner that has slept through a suspend, or over whom the
 * clock was set, shows itself; and without that clock, which may have been set back.
 */
export function isLockSilent(
  { ageMs, unchangedMs }: Pick<LockFacts, "ageMs" | "unchangedMs">,
  { staleMs }: Pick<LockPatience, "staleMs">,
): boolean {
  return unchangedMs >= staleMs || (ageMs >= staleMs && unchangedMs >= minStaleMs);
}

/**
 * Whether a process can be judged by its pid from here: within one boot and one pid namespace, whatever the host is called by now. An unknown
 * boot or start (a system without /proc) tells nothing.
 */
export function isWithinSight(process: LockProcess, ours: LockProcess): boolean {
  return (
    process.bootId === ours.bootId &&
    process.pidNamespace === ours.pidNamespace &&
    process.startTicks > 0 &&
    process.bootId !== ""
  );
}

/** Whether this host has been booted since: nothing of before lives. */
export function isOfEarlierBoot(process: LockProcess, ours: LockProcess): boolean {
  const isKnown = process.bootId !== "" && ours.bootId !== "";
  return isKnown && process.host === ours.host && process.bootId !== ours.bootId;
}

function whyHeld({ content, holderLives }: LockFacts, holder: LockProcess): string {
  const purpose = content?.kind === "record" ? oneLine(content.record.purpose) : "";
  const what = purpose === "" ? "" : ` (${purpose})`;
  if (holderLives === "no") return `the command of pid ${holder.pid}${what} lives on without it`;
  const where = holderLives === "unknown" ? ` on ${oneLine(holder.host)}` : "";
  return `pid ${holder.pid}${where} holds it${what}`;
}
