// The restart lock: of all who want to restart one agent, exactly one does. Everything that is decided on is checked again
// under the registry mutex, so two breakers never both take a lock; ending what runs under it happens outside of that.
import type { Context } from "../context.ts";
import { holderOf, lockFormat, type LockProcess, type LockRecord } from "../domain/lock-record.ts";
import type { LockVerdict } from "../domain/lock-verdict.ts";
import { breakHolder, replaceIf } from "./break-lock.ts";
import type { Acquisition, HeldLock } from "./held-lock.ts";
import { holdLock } from "./hold-lock.ts";
import { ownProcess, outerTokens } from "./liveness.ts";
import { type LockSight, lookAtLock } from "./lock-file.ts";
import { type LockWait, waitFor } from "./wait.ts";

export interface LockOptions extends LockWait {
  /** What it is wanted for, in one line for people. */
  purpose: string;
  /** A supervisor does what the commands under the lock ask for. */
  isSupervised?: boolean;
  /** Of whom we act for, or several with spaces in between; default: those in our environment (outerTokens). */
  token?: string | undefined;
  /** In whose name it is taken, who then cannot touch it; default: this process. */
  owner?: Pick<LockProcess, "pid" | "startTicks">;
  /** Whether that lock is held for what we are about to do. */
  isForUs?: (record: LockRecord) => Promise<boolean>;
}

/**
 * Takes the lock, waits for it, or takes it over. Whoever waited has to ask again whether the work is still to be done.
 * Throws AppError: exit 75 at the timeout, or when what runs under it cannot be ended; the file system's own faults.
 */
export async function acquireLock(
  ctx: Context,
  name: string,
  options: LockOptions,
): Promise<HeldLock> {
  const wait = waitFor(ctx, name, options);
  for (;;) {
    const sight = await lookAtLock(ctx, name);
    const nested = await nestedIn(ctx, { name, sight, options });
    if (nested !== undefined) return nested;
    const verdict = await wait.judge(sight);
    const held =
      verdict.action === "wait"
        ? undefined
        : await takeOver(ctx, { name, sight, verdict, options, ...wait.soFar() });
    if (held !== undefined) return held;
    if (verdict.action === "wait") await wait.pause(verdict.why);
  }
}

/** Whoever we act for holds this lock already, and we act under it. */
async function nestedIn(
  ctx: Context,
  { name, sight, options }: { name: string; sight: LockSight; options: LockOptions },
): Promise<HeldLock | undefined> {
  const { content } = sight;
  if (content?.kind !== "record" || content.record.breaker !== undefined) return undefined;
  const { record } = content;
  const tokens = options.token === undefined ? outerTokens(ctx) : options.token.split(" ");
  const isOurs = tokens.includes(record.token) || (await options.isForUs?.(record)) === true;
  if (!isOurs) return undefined;
  return holdLock(ctx, {
    name,
    record,
    file: undefined,
    isSupervised: options.isSupervised === true,
    waitedMs: 0,
    hasWaited: false,
    takeover: undefined,
    isNested: true,
  });
}

interface Taking {
  name: string;
  sight: LockSight;
  verdict: Exclude<LockVerdict, { action: "wait" }>;
  options: LockOptions;
  waitedMs: number;
  hasWaited: boolean;
}

/** undefined when somebody else was faster: the lock is not what we have judged any more. */
async function takeOver(ctx: Context, taking: Taking): Promise<HeldLock | undefined> {
  const { name, verdict, options, waitedMs, hasWaited } = taking;
  const { owner } = options;
  const record: LockRecord = {
    format: lockFormat,
    token: ctx.randomHex(32),
    owner: { ...(await ownProcess(ctx)), ...owner },
    purpose: options.purpose,
    acquiredAt: ctx.clock.now(),
    // Ended like a command when it is made to lose.
    children: owner === undefined ? [] : [{ ...owner, isSupervised: false }],
    isBeating: owner === undefined,
  };
  let { text } = taking.sight;
  if (verdict.action === "break") {
    text = await breakHolder(ctx, {
      name,
      sight: taking.sight,
      reason: verdict.reason,
      token: record.token,
    });
    if (text === undefined) return undefined;
  }
  const file = await replaceIf(ctx, { name, text, record });
  if (file === undefined) return undefined;
  return holdLock(ctx, {
    name,
    record,
    file,
    isSupervised: options.isSupervised === true,
    waitedMs,
    hasWaited,
    takeover: takeoverOf(taking),
    isNested: false,
  });
}

function takeoverOf({ sight, verdict }: Taking): Acquisition["takeover"] {
  if (sight.content === undefined || verdict.reason === "free") return undefined;
  const pid = sight.content.kind === "record" ? holderOf(sight.content.record).pid : undefined;
  return { reason: verdict.reason, pid };
}
