// The hooks that are part of this program: they need no other process.
import type { Context } from "../context.ts";
import type { BuiltinHook } from "../domain/hooks-config.ts";
import type { HookCall } from "./run.ts";

/** Words that block what the event is about; undefined: it may go on. */
export async function runBuiltinHook(
  ctx: Context,
  name: BuiltinHook,
  call: HookCall,
): Promise<string | undefined> {
  switch (name) {
    case "state": {
      const { reportOwnState } = await import("./report-state.ts");
      await reportOwnState(ctx, call);
      return undefined;
    }
    case "secrets-guard":
      return await guardSecrets(call);
    default:
      await logSession(ctx, call);
      return undefined;
  }
}

async function guardSecrets({ payload }: HookCall): Promise<string | undefined> {
  const { isSecretFile } = await import("../domain/secret-files.ts");
  const input = new Map(Object.entries(payload["tool_input"] ?? {}));
  const paths = ["file_path", "notebook_path"]
    .map((name): unknown => input.get(name))
    .filter((one) => typeof one === "string");
  const folder = typeof payload["cwd"] === "string" ? payload["cwd"] : "/";
  const path = paths.find((one) => isSecretFile(one, folder));
  return path === undefined
    ? undefined
    : `${path} may hold secrets, and this site has its guard on: do not write it. Ask the person to do it, or to run: mosaic config hooks disable secrets-guard\n`;
}

/** Then it is kept as `.1`, and a new one begins. */
const maxLogBytes = 5_000_000;

/** Who, when, what kind; never a text, which may hold anything. */
async function logSession(ctx: Context, { event, payload }: HookCall): Promise<void> {
  const file = `${ctx.paths.state}/log/claude-sessions.jsonl`;
  const entry = {
    at: new Date(ctx.clock.now()).toISOString(),
    session: payload["session_id"],
    event,
    cwd: payload["cwd"],
    tool: payload["tool_name"],
    source: payload["source"],
    reason: payload["reason"],
    agent: ctx.env["MOSAIC_AGENT"],
  };
  if (((await ctx.files.stat(file))?.sizeBytes ?? 0) > maxLogBytes) {
    await ctx.files.rename(file, `${file}.1`);
  }
  await ctx.files.append(file, `${JSON.stringify(entry)}\n`, 0o600);
}
