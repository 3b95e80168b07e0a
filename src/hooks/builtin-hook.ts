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
      return await guardSecrets(ctx, call);
    default:
      await logSession(ctx, call);
      return undefined;
  }
}

async function guardSecrets(ctx: Context, { payload }: HookCall): Promise<string | undefined> {
  const { isSecretFile } = await import("../domain/secret-files.ts");
  const input = new Map(Object.entries(payload["tool_input"] ?? {}));
  const folder = typeof payload["cwd"] === "string" ? payload["cwd"] : "/";
  for (const name of ["file_path", "notebook_path"]) {
    const path: unknown = input.get(name);
    if (typeof path !== "string") continue;
    if (!isSecretFile(path, folder) && !isSecretFile(await behindLinks(ctx, path, folder), "/"))
      continue;
    return `${path} may hold secrets, and this site has its guard on: do not write it. Ask the person to do it, or to run: mosaic config hooks disable secrets-guard\n`;
  }
  return undefined;
}

/** Where the file is behind links, or will be: one that is new has a folder that may be behind one. */
async function behindLinks({ files }: Context, path: string, cwd: string): Promise<string> {
  const whole = path.startsWith("/") ? path : `${cwd}/${path}`;
  const file = await files.realPath(whole);
  if (file !== undefined) return file;
  const slash = whole.lastIndexOf("/");
  const folder = await files.realPath(whole.slice(0, slash) || "/");
  return `${folder ?? whole.slice(0, slash)}${whole.slice(slash)}`;
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
