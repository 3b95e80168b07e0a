// Takes out of the store what nobody needs any more. What is gone is gone, so it is done only while the clock can be believed: one
// that jumps ahead by years would else take every session, message and entry of the audit with it.
import type { Clock, SqlWork } from "../context.ts";
import { keptMs as messageKeptMs } from "../store/messages.ts";
import { hostKeptMs } from "./bus/presence.ts";
import { dropOldAudit } from "./store/audit.ts";
import { dropOldHosts } from "./store/hosts.ts";
import { dropOldNetworks } from "./store/known-networks.ts";
import { dropOldMessages } from "./store/messages.ts";
import { dropOldSessions } from "./store/sessions.ts";

/** How often it is looked, and how long the clock has to have gone steadily before. */
export const pruneMs = 60 * 60 * 1000;

/** A clock that was set by more than that since the last look is believed at the next one; NTP slews by less. */
const steadyMs = 60_000;

const dayMs = 24 * 60 * 60 * 1000;

/** The work to do every `pruneMs`; true when it was done. */
export function createPruning(
  clock: Pick<Clock, "now" | "monotonic">,
  { sql, auditDays }: { sql: SqlWork; auditDays: number },
): () => Promise<boolean> {
  let last: { now: number; monotonic: number } | undefined;
  return async () => {
    const before = last;
    const now = clock.now();
    last = { now, monotonic: clock.monotonic() };
    if (before === undefined) return false;
    const wentMs = now - before.now;
    if (Math.abs(wentMs - (last.monotonic - before.monotonic)) > steadyMs) return false;
    await dropOldSessions(sql, now);
    await dropOldMessages(sql, now - messageKeptMs);
    await dropOldHosts(sql, now - hostKeptMs);
    await dropOldNetworks(sql, now);
    await dropOldAudit(sql, now - auditDays * dayMs);
    return true;
  };
}
