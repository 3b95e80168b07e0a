// Runs a command hook as Claude Code does: by a shell, the event's JSON on standard input, in the session's environment
// and folder, and not longer than its timeout.
import type { Context } from "../context.ts";

export interface CommandHook {
  /** Named where it does not answer: the person has several. */
  id: string;
  command: string;
  /** In seconds. */
  timeout: number;
  /** The event's JSON. */
  text: string;
}

/** What it answered; one that took too long is ended with everything it started, and told as a failure. */
export async function runCommandHook(
  ctx: Context,
  { id, command, timeout, text }: CommandHook,
): Promise<{ exitCode: number; stdout: string; stderr: string }> {
  let group = 0;
  const end = () => group !== 0 && ctx.processes.signalGroup(group, "SIGKILL");
  // Claude Code ends a hook whose session goes away, and knows nothing of what we have started.
  void ctx.untilSignal().then(end);
  const timeoutMs = timeout * 1000;
  const result = await ctx.exec(["/bin/sh", "-c", command], {
    stdin: text,
    timeoutMs,
    env: environmentOf(ctx),
    gate: async (pid) => {
      group = pid;
    },
  });
  const { exitCode, signal, stdout, stderr, timedOut } = result;
  if (timedOut) {
    end();
    return {
      exitCode: 1,
      stdout: "",
      stderr: `${stderr}the hook ${id} gave no answer within ${timeout} s\n`,
    };
  }
  if (exitCode === null)
    return { exitCode: 1, stdout: "", stderr: `${stderr}the hook ${id} was ended by ${signal}\n` };
  return { exitCode, stdout, stderr };
}

function environmentOf({ env }: Context): Record<string, string> {
  const entries = Object.entries(env).filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  );
  return Object.fromEntries(entries);
}
