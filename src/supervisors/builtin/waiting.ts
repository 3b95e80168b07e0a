// Agents without a living session that a supervisor leaves to the next one: they were to be started again after a pause,
// or had not come up yet. One name per line.
import type { Context } from "../../context.ts";
import { agentNamePattern } from "../../domain/names.ts";
import { holderFiles } from "./protocol.ts";

/** Names; none when the last supervisor left nobody waiting. */
export async function readWaiting(ctx: Context, socket: string): Promise<string[]> {
  const text = (await ctx.files.readText(holderFiles(ctx.paths, socket).waiting)) ?? "";
  return text.split("\n").filter((name) => agentNamePattern.test(name));
}

/** Replaces the list; an empty one leaves no file. */
export async function keepWaiting(
  ctx: Context,
  socket: string,
  names: readonly string[],
): Promise<void> {
  const { waiting } = holderFiles(ctx.paths, socket);
  if (names.length === 0) await ctx.files.remove(waiting);
  else await ctx.files.write(waiting, `${names.join("\n")}\n`, 0o600);
}
