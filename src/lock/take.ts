// `mosaic lock take` and `mosaic lock drop`: a lock in the name of a shell script, which holds it for as long as it lives
// and cannot touch it. For our own scripts.
import type { Context } from "../context.ts";
import { lockFiles } from "../domain/names.ts";
import { exitCodes, usageError } from "../errors.ts";
import { takenFromUs } from "./held-lock.ts";
import { livingUnder, tokenVariable } from "./liveness.ts";
import { lookAtLock } from "./lock-file.ts";
import { withRegistry } from "./registry-mutex.ts";
import { acquireLock } from "./restart-lock.ts";
import { checkLockName } from "./run.ts";

export interface TakeOptions {
  name: string;
  /** Of the script: leader of a process group of its own. */
  pid: number;
  timeoutMs: number;
}

/**
 * Prints the token; nothing when the lock is held by a command that waits for a supervisor, and so for this script. Exit
 * code 0; throws AppError, exit 75, at the timeout.
 */
export async function takeLock(
  ctx: Context,
  { name, pid, timeoutMs }: TakeOptions,
): Promise<number> {
  checkLockName(name);
  const script = await ctx.processes.one(pid);
  if (script === undefined) throw usageError(`there is no process ${pid}`);
  const lock = await acquireLock(ctx, name, {
    purpose: "automatic restart",
    owner: { pid, startTicks: script.startTicks },
    timeoutMs,
    isForUs: async (record) => {
      const asking = record.children.filter(({ isSupervised }) => isSupervised);
      return (await livingUnder(ctx, { ...record, children: asking })).length > 0;
    },
  });
  if (!lock.isNested) ctx.io.out(`${lock.token}\n`);
  return exitCodes.ok;
}

/** Throws AppError, exit 75, when the lock is not that of the token in our environment any more. */
export async function dropLock(ctx: Context, { name }: { name: string }): Promise<number> {
  checkLockName(name);
  const token = ctx.env[tokenVariable] ?? "";
  await withRegistry(ctx, async () => {
    const { content } = await lookAtLock(ctx, name);
    const record = content?.kind === "record" ? content.record : undefined;
    if (record?.token !== token || record.breaker !== undefined) throw takenFromUs(name);
    await ctx.files.remove(lockFiles(ctx.paths).lock(name));
  });
  return exitCodes.ok;
}
