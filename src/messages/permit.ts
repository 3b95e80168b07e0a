// The permit to type one message, a file that send-message.sh removes right before it types. Whoever finds a message whose
// deliverer died takes the permit back by a rename: only one of the two can succeed, so either nothing of the message was
// typed and nothing ever will be, or it may have been.
import type { Context } from "../context.ts";
import { agentFiles } from "../domain/names.ts";
import { AppError } from "../errors.ts";

/** Hex digits: a script that outlived its deliverer must not take the permit of the next try for its own. */
const nameDigits = 8;

/** The file. undefined when the disk takes none: then a delivery that is cut off may always have typed. */
export async function issuePermit(
  ctx: Context,
  { agent, id }: { agent: string; id: string },
): Promise<string | undefined> {
  const file = `${agentFiles(ctx.paths, agent).typing}/${id}.${ctx.randomHex(nameDigits)}`;
  try {
    // A power cut takes what was done to the file lately, so it is good until the next boot only.
    const { bootId } = await ctx.processes.self();
    await ctx.files.write(file, bootId, 0o600, { isDerived: true });
    return file;
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return undefined;
  }
}

/** For a message whose deliverer died: true when nothing of it was typed, and nothing will be. */
export async function takeBackPermit(ctx: Context, agent: string, id: string): Promise<boolean> {
  const { typing } = agentFiles(ctx.paths, agent);
  for (const name of await permitsOf(ctx, agent, id)) {
    const bootId = await ctx.files.readText(`${typing}/${name}`);
    if (bootId !== (await ctx.processes.self()).bootId) continue;
    if (name.endsWith(".back") || (await isRenamed(ctx, `${typing}/${name}`))) return true;
  }
  return false;
}

/** What is left of its permits, once its receipt tells what became of it. */
export async function removePermits(ctx: Context, agent: string, id: string): Promise<void> {
  const { typing } = agentFiles(ctx.paths, agent);
  for (const name of await permitsOf(ctx, agent, id)) await ctx.files.remove(`${typing}/${name}`);
}

async function permitsOf(ctx: Context, agent: string, id: string): Promise<string[]> {
  const names = await ctx.files.list(agentFiles(ctx.paths, agent).typing);
  return names.filter((name) => name.startsWith(`${id}.`));
}

async function isRenamed(ctx: Context, file: string): Promise<boolean> {
  try {
    await ctx.files.rename(file, `${file}.back`);
    return true;
  } catch (error) {
    // The script was faster.
    if (error instanceof AppError) return false;
    throw error;
  }
}
