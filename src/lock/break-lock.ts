// Breaking a lock: its holder is made to lose it before anybody else has it.
import type { Context, OpenFile } from "../context.ts";
import type { LockProcess, LockRecord } from "../domain/lock-record.ts";
import { beatMs, isWithinSight } from "../domain/lock-verdict.ts";
import { AppError, exitCodes } from "../errors.ts";
import type { TakeoverReason } from "./held-lock.ts";
import { lookMs } from "./hold-lock.ts";
import { canAnswer, endCommands, graceMs, ownProcess } from "./liveness.ts";
import { type LockSight, lookAtLock, touchLock, writeLock } from "./lock-file.ts";
import { withRegistry } from "./registry-mutex.ts";
import { minPollMs } from "./wait.ts";

/** An owner that lost has this long to notice it; its commands have ended already. */
const ackTimeoutMs = 4 * lookMs;

/** One that we cannot see ends its commands itself. */
const farAckTimeoutMs = 2 * graceMs + ackTimeoutMs;

export interface Breaking {
  name: string;
  /** What was judged. */
  sight: LockSight;
  reason: TakeoverReason | "free";
  /** Of the breaker. */
  token: string;
}

/**
 * Makes the holder lose: first on the record, so that it can start nothing more and nobody else breaks it, then by ending
 * what runs under it. What the lock says then; undefined when somebody else was faster.
 */
export async function breakHolder(
  ctx: Context,
  { name, sight, reason, token }: Breaking,
): Promise<string | undefined> {
  if (sight.content?.kind !== "record") return undefined;
  const broken: LockRecord = {
    ...sight.content.record,
    breaker: { token, process: await ownProcess(ctx), isAcknowledged: false },
  };
  const file = await replaceIf(ctx, { name, text: sight.text, record: broken });
  if (file === undefined) return undefined;
  file[Symbol.dispose]();
  let beatAt = ctx.clock.monotonic();
  const alive = async (): Promise<void> => {
    if (ctx.clock.monotonic() - beatAt < beatMs) return;
    beatAt = ctx.clock.monotonic();
    // Another file than ours, once the old owner has said that it knows.
    await touchLock(ctx, name, (record) => record.breaker?.token === token);
  };
  await endCommands(ctx, broken, alive);
  return await acknowledged(ctx, { name, token, alive, isBeating: reason === "max-wait" });
}

/**
 * What the lock says once the old owner knows that it lost; an owner that is dead, stopped or hung will know before it can
 * do anything more under the lock. undefined when we have been broken ourselves. Throws AppError, exit 75, when one out of
 * our sight, which alone can end what runs under its lock, beats and does not answer.
 */
async function acknowledged(
  ctx: Context,
  { name, token, alive, isBeating }: Acknowledging,
): Promise<string | undefined> {
  const beganAt = ctx.clock.monotonic();
  for (;;) {
    const { content, text } = await lookAtLock(ctx, name);
    const record = content?.kind === "record" ? content.record : undefined;
    if (record?.breaker?.token !== token) return undefined;
    if (record.breaker.isAcknowledged) return text;
    const isSeen = isWithinSight(record.owner, await ownProcess(ctx));
    if (isSeen && !(await canAnswer(ctx, record.owner))) return text;
    const isLate = ctx.clock.monotonic() - beganAt >= (isSeen ? ackTimeoutMs : farAckTimeoutMs);
    if (isLate && (isSeen || !isBeating)) return text;
    if (isLate) throw noAnswer(name, record.owner);
    await alive();
    await ctx.clock.sleep(minPollMs);
  }
}

interface Acknowledging {
  name: string;
  token: string;
  alive: () => Promise<void>;
  /** The owner was alive when its lock was broken. */
  isBeating: boolean;
}

function noAnswer(name: string, { pid, host }: LockProcess): AppError {
  return new AppError(`pid ${pid} on ${host} does not let go of the lock ${name}`, {
    exitCode: exitCodes.busy,
    hint: "it runs on another host or in another container: end it there",
  });
}

/** Check, then change, and nobody in between. undefined when the lock says another thing than we have judged. */
export async function replaceIf(
  ctx: Context,
  { name, text, record }: { name: string; text: string | undefined; record: LockRecord },
): Promise<OpenFile | undefined> {
  return withRegistry(ctx, async () => {
    const now = await lookAtLock(ctx, name);
    return now.text === text ? await writeLock(ctx, name, record) : undefined;
  });
}
