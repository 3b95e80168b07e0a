// The way to an agent without keystrokes: its extension takes messages from a folder (the other end, and the names of the
// files: framework/hooks/spool.js). What was taken is never handed over again; what was not is taken back by a rename,
// which only one of the two ends can win.
import type { Context } from "../context.ts";
import { agentFiles } from "../domain/names.ts";
import { oneLine } from "../domain/terminal-text.ts";
import { AppError } from "../errors.ts";

/** A run of an agent. */
export interface Run {
  agent: string;
  instance: string;
}

export interface SpoolMessage {
  id: string;
  /** With its envelope. */
  text: string;
  /** Whether it may join what the runtime queues itself. */
  isNow: boolean;
}

/**
 * done: the extension says that the runtime has it · taken: it took it, and does not say so · working: it cannot take it now,
 * and it was taken back · down: the same, and nobody takes anything there any more, or no file can be put there.
 */
export type SpoolEnd = "done" | "taken" | "working" | "down";

/** The runtime would have dropped it, and was not given it, or did not take it: why, in one line, and a word for programs. */
export interface SpoolRefusal {
  why: string;
  cause: string;
}

/** An extension of before, which an update leaves running, wrote the first line alone. */
function refusalOf(text: string): SpoolRefusal {
  const [why = "", cause = ""] = text.split("\n");
  return { why: oneLine(why), cause: cause === "" ? "no-model" : oneLine(cause) };
}

/** One that can take a message does so within this, or works after all. */
const takeMs = 1_000;

/** And shows it then, if it ever does: a runtime may first read a large folder, or compact its conversation. */
const doneMs = 10_000;

/** Between two looks whether anybody is there to take or show it. */
const lookMs = 250;

const firstPauseMs = 3;
const longestPauseMs = 25;

/** Whether the extension of this run takes messages: by its own word, and while that very process is there. */
export async function isSpoolUp(ctx: Context, run: Run): Promise<boolean> {
  const pid = Number(await ctx.files.readText(`${folderOf(ctx, run)}/up`));
  if (!Number.isInteger(pid) || pid <= 1) return false;
  const instance = await ctx.processes.variable(pid, "MOSAIC_INSTANCE");
  return instance === run.instance;
}

/** Hands over one message. It must be claimed: from here on the agent may have it. */
export async function handOver(
  ctx: Context,
  run: Run,
  { id, text, isNow }: SpoolMessage,
): Promise<SpoolEnd | SpoolRefusal> {
  const folder = folderOf(ctx, run);
  try {
    await removeFormer(ctx, run);
    const waiting = `${folder}/${id}.message`;
    await ctx.files.write(waiting, JSON.stringify({ text, isNow }), 0o600, { isDerived: true });
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    // A full disk, a folder of somebody else: its name is the last step of a file, so nothing is there to be taken.
    return "down";
  }
  const beganAt = ctx.clock.monotonic();
  let lookAt = beganAt + lookMs;
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(pauseMs * 1.05, longestPauseMs)) {
    if (await isDone(ctx, folder, id)) return "done";
    const why = await ctx.files.readText(`${folder}/${id}.refused`);
    if (why !== undefined) return refusalOf(why);
    const now = ctx.clock.monotonic();
    const isUp = now < lookAt || (await isSpoolUp(ctx, run));
    if (now >= lookAt) lookAt = now + lookMs;
    const isLate = now - beganAt >= takeMs;
    // Its `.back` stays until its receipt says so: we may die before.
    if ((isLate || !isUp) && (await takeBack(ctx, folder, id))) return isUp ? "working" : "down";
    // Its last word may have come just before its end.
    if (!isUp) return (await isDone(ctx, folder, id)) ? "done" : "taken";
    if (now - beganAt >= doneMs) return "taken";
    await ctx.clock.sleep(pauseMs);
  }
}

async function isDone(ctx: Context, folder: string, id: string): Promise<boolean> {
  const file = `${folder}/${id}.done`;
  if ((await ctx.files.stat(file)) === undefined) return false;
  await ctx.files.remove(file);
  return true;
}

/** For one whose deliverer died: true when nobody had taken it, and nobody will; until `forgetBack`. */
export async function takeBackFrom(ctx: Context, agent: string, id: string): Promise<boolean> {
  const { spool } = agentFiles(ctx.paths, agent);
  for (const instance of await ctx.files.list(spool)) {
    const folder = `${spool}/${instance}`;
    for (const end of ["back", "refused"]) {
      if ((await ctx.files.stat(`${folder}/${id}.${end}`)) !== undefined) return true;
    }
    if (await takeBack(ctx, folder, id)) return true;
  }
  return false;
}

/** What tells that nothing of it is there: before it is handed over or typed, and once its receipt tells that. */
export async function forgetBack(ctx: Context, agent: string, id: string): Promise<void> {
  const { spool } = agentFiles(ctx.paths, agent);
  for (const instance of await ctx.files.list(spool)) {
    for (const end of ["back", "refused"]) {
      await ctx.files.remove(`${spool}/${instance}/${id}.${end}`);
    }
  }
}

async function takeBack(ctx: Context, folder: string, id: string): Promise<boolean> {
  const [waiting, back] = [`${folder}/${id}.message`, `${folder}/${id}.back`];
  if ((await ctx.files.stat(waiting)) === undefined) return false;
  try {
    await ctx.files.rename(waiting, back);
  } catch (error) {
    // The extension was faster, so it is delivered.
    if (error instanceof AppError) return false;
    throw error;
  }
  return true;
}

/** Folders of former runs, but where a message stands that can still be taken back. */
async function removeFormer(ctx: Context, { agent, instance }: Run): Promise<void> {
  const { spool } = agentFiles(ctx.paths, agent);
  for (const former of await ctx.files.list(spool)) {
    if (former === instance) continue;
    const names = await ctx.files.list(`${spool}/${former}`);
    if (!names.some((name) => /\.(message|back|refused)$/.test(name))) {
      await ctx.files.remove(`${spool}/${former}`);
    }
  }
}

function folderOf(ctx: Context, { agent, instance }: Run): string {
  return `${agentFiles(ctx.paths, agent).spool}/${instance}`;
}
