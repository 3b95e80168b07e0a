// `mosaic hook run EVENT --claude`: what the entries in Claude Code's settings call. It runs the hooks that are on, and
// must never break a session: a fault of ours is an exit 0 and a line in the log. Every step of every session waits for
// it, so it loads what it needs and nothing else.
import type { Context } from "../context.ts";
import { claudeHome, hooksConfigFile, isMatched } from "../domain/claude-home.ts";
import type { HookAnswer } from "../domain/hook-output.ts";
import { hooksAt, type ManagedHook, parseHooksConfig } from "../domain/hooks-config.ts";
import { logHookFault } from "../messages/hook-log.ts";

export type HookPayload = Readonly<Record<string, unknown>>;

/** What a hook of ours gets: the event, its JSON as text and as a map. */
export interface HookCall {
  event: string;
  text: string;
  payload: HookPayload;
}

/** The exit code for Claude Code: that of the hooks, 0 for every fault of ours. */
export async function runClaudeHook(ctx: Context, event: string): Promise<number> {
  try {
    // Whatever is on: Claude Code takes a hook that ends before it has read all for one that failed.
    const text = ctx.io.stdinIsTty ? "" : await ctx.io.readStdin();
    const { dir } = claudeHome(ctx.env, { home: ctx.paths.home });
    const file = await ctx.files.readText(hooksConfigFile(dir));
    // Taken away by a person: then nothing is wanted.
    if (file === undefined) return 0;
    const { config, faults } = parseHooksConfig(file);
    if (faults.length > 0)
      await logHookFault(ctx, event, `hooks-config.json: ${faults.join("; ")}`);
    const hooks = hooksAt(config, event).filter((hook) => isForUs(ctx, hook));
    if (hooks.length === 0) return 0;
    const payload = payloadOf(text);
    const called = hooks.filter(({ matcher }) => isMatched(matcher, { event, payload }));
    const call = { event, text, payload };
    const answers = await Promise.all(called.map((hook) => answerOf(ctx, hook, call)));
    return await tell(
      ctx,
      answers.filter((answer) => answer !== undefined),
      event,
    );
  } catch (error) {
    await logHookFault(ctx, event, wordsOf(error));
    return 0;
  }
}

/** Nothing of it is for a session that is no agent of a fleet. */
function isForUs({ env }: Context, { run }: ManagedHook): boolean {
  return !("builtin" in run) || run.builtin !== "state" || (env["MOSAIC_INSTANCE"] ?? "") !== "";
}

async function answerOf(
  ctx: Context,
  hook: ManagedHook,
  call: HookCall,
): Promise<HookAnswer | undefined> {
  try {
    const { run, id } = hook;
    if ("program" in run) {
      const { runCommandHook } = await import("./command-hook.ts");
      const { timeout } = hook;
      return { id, ...(await runCommandHook(ctx, { id, command: run.program, timeout, ...call })) };
    }
    const { runBuiltinHook } = await import("./builtin-hook.ts");
    const stderr = await runBuiltinHook(ctx, run.builtin, call);
    return stderr === undefined ? undefined : { id, exitCode: 2, stdout: "", stderr };
  } catch (error) {
    await logHookFault(ctx, `${call.event} ${hook.id}`, wordsOf(error));
    return undefined;
  }
}

async function tell(ctx: Context, answers: readonly HookAnswer[], event: string): Promise<number> {
  if (answers.length === 0) return 0;
  const { mergeAnswers } = await import("../domain/hook-output.ts");
  const { exitCode, stdout, stderr } = mergeAnswers(answers, event);
  if (stdout !== "") ctx.io.out(stdout);
  if (stderr !== "") ctx.io.err(stderr);
  return exitCode;
}

function payloadOf(text: string): HookPayload {
  const value: unknown = JSON.parse(text.trim() === "" ? "{}" : text);
  if (typeof value !== "object" || value === null) throw new Error("the event is no JSON object");
  return Object.fromEntries(Object.entries(value));
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
