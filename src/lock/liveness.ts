// Who of a lock lives: its holder, and the commands that run under it; and how such a command is ended. A process is
// known by pid and start, and by the lock's token in its environment: a pid alone names nobody.
import type { Context, ProcessInfo } from "../context.ts";
import {
  holderOf,
  type LockChild,
  type LockProcess,
  type LockRecord,
} from "../domain/lock-record.ts";
import { isOfEarlierBoot, isWithinSight } from "../domain/lock-verdict.ts";
import { AppError, exitCodes } from "../errors.ts";

/** In the environment of every command under a lock: the lock's token. */
export const tokenVariable = "MOSAIC_LOCK_TOKEN";

/** Beside it, where locks are nested: the tokens of those around it, with spaces in between. */
export const outerVariable = "MOSAIC_LOCK_OUTER";

/** The tokens of all locks that we run under, the innermost first. */
export function outerTokens({ env }: Pick<Context, "env">): string[] {
  const text = `${env[tokenVariable] ?? ""} ${env[outerVariable] ?? ""}`;
  return text.split(" ").filter((token) => token !== "");
}

/** A command that is made to lose the lock has this long after SIGTERM, and the same after SIGKILL. */
export const graceMs = 5_000;
const pollMs = 20;

/** This process, as a lock's file names it. */
export async function ownProcess(ctx: Context): Promise<LockProcess> {
  return { ...(await ctx.processes.self()), host: ctx.host.name };
}

/** Whether the holder lives; `unknown` when it cannot be judged from here. */
export async function holderLives(
  ctx: Context,
  record: LockRecord,
): Promise<"yes" | "no" | "unknown"> {
  const holder = holderOf(record);
  const ours = await ownProcess(ctx);
  if (isOfEarlierBoot(holder, ours)) return "no";
  if (!isWithinSight(holder, ours)) return "unknown";
  return isSame(await ctx.processes.one(holder.pid), holder) ? "yes" : "no";
}

/** Whether a process of this host is there and not stopped. */
export async function canAnswer(ctx: Context, process: LockProcess): Promise<boolean> {
  if (!isWithinSight(process, await ownProcess(ctx))) return false;
  const found = await ctx.processes.one(process.pid);
  return isSame(found, process) && found !== undefined && !"Tt".includes(found.state);
}

/** Pids of everything that lives of the commands under a lock. Of another host's, or another container's, none. */
export async function livingUnder(ctx: Context, record: LockRecord): Promise<number[]> {
  if (!isWithinSight(record.owner, await ownProcess(ctx))) return [];
  const groups = record.children.map((child) => livingOf(ctx, { child, token: record.token }));
  return (await Promise.all(groups)).flat();
}

/**
 * Ends the commands under a lock with all of their process groups: SIGTERM, and SIGKILL to what is left. `alive` is
 * called all along. Throws AppError, exit 75, when something outlives even that.
 */
export async function endCommands(
  ctx: Context,
  record: LockRecord,
  alive: () => Promise<void>,
): Promise<void> {
  for (const signals of [["SIGTERM", "SIGCONT"], ["SIGKILL"]] as const) {
    const left = await livingUnder(ctx, record);
    if (left.length === 0) return;
    for (const signal of signals) await signalCommands(ctx, record, signal);
    const deadline = ctx.clock.monotonic() + graceMs;
    while (ctx.clock.monotonic() < deadline) {
      if ((await livingUnder(ctx, record)).length === 0) return;
      await alive();
      await ctx.clock.sleep(pollMs);
    }
  }
  const left = await livingUnder(ctx, record);
  if (left.length === 0) return;
  throw new AppError(`what runs under the lock cannot be ended: process ${left.join(", ")}`, {
    exitCode: exitCodes.busy,
    hint: `ps -fp ${left.join(",")}`,
  });
}

async function signalCommands(
  ctx: Context,
  record: LockRecord,
  signal: NodeJS.Signals,
): Promise<void> {
  for (const child of record.children) {
    // As long as the leader is there, dead or not, its group is no other's.
    if (isStartOf(await ctx.processes.one(child.pid), child)) {
      ctx.processes.signalGroup(child.pid, signal);
    } else {
      const members = await livingOf(ctx, { child, token: record.token });
      for (const pid of members) ctx.processes.signal(pid, signal);
    }
  }
}

async function livingOf(
  ctx: Context,
  { child, token }: { child: LockChild; token: string },
): Promise<number[]> {
  const leader = await ctx.processes.one(child.pid);
  // The kernel gives no pid away that is the number of a group still: then nothing is left of that group.
  if (leader !== undefined && !isStartOf(leader, child)) return [];
  // A look at every process of the machine costs too much to be had often.
  if (!ctx.processes.hasGroup(child.pid)) return [];
  const group = await livingGroup(ctx, child.pid);
  if (leader !== undefined) return group.map(({ pid }) => pid);
  // Without its leader the number alone says nothing: that group may be gone, and another one be here.
  const marked: number[] = [];
  for (const { pid } of group) {
    if ((await ctx.processes.variable(pid, tokenVariable)) === token) marked.push(pid);
  }
  return marked;
}

/** Twice when there seems to be none: one that forks and ends between the listing and the reading hides its child. */
async function livingGroup(ctx: Context, groupId: number): Promise<ProcessInfo[]> {
  const look = async (): Promise<ProcessInfo[]> =>
    (await ctx.processes.list()).filter((one) => one.groupId === groupId && isAlive(one));
  const seen = await look();
  return seen.length > 0 ? seen : await look();
}

function isSame(found: ProcessInfo | undefined, wanted: LockProcess): boolean {
  return isStartOf(found, wanted) && found !== undefined && isAlive(found);
}

function isStartOf(found: ProcessInfo | undefined, wanted: { startTicks: number }): boolean {
  return found?.startTicks === wanted.startTicks;
}

/** proc(5): a zombie only waits for its parent, X is on its way out. */
function isAlive({ state }: ProcessInfo): boolean {
  return state !== "Z" && state !== "X";
}
