// The program: main() turns argv into an exit code and prints every error; below it the only composition root and
// the only process.exit. `--version` is answered before anything else is loaded, which keeps it at a few ms.
import type { Context } from "./context.ts";
import { commit, version } from "./version.ts";

/** Runs one command line. Never rejects: errors are printed on stderr and become the exit code (errors.ts). */
export async function main(argv: readonly string[], ctx: Context): Promise<number> {
  try {
    if (isVersionRequest(argv)) {
      ctx.io.out(versionLine(ctx.host));
      return 0;
    }
    // An agent waits for it at every turn: without the command tree it takes half of the time.
    if (isClaudeHook(argv)) {
      const { runClaudeHook } = await import("./hooks/run.ts");
      return await runClaudeHook(ctx, argv[2] ?? "");
    }
    if (argv[0] === "hook" && argv[1] === "run" && argv[2]?.startsWith("-") === false) {
      const { runHook } = await import("./messages/hook.ts");
      return await runHook(ctx, argv[2]);
    }
    const { route } = await import("./commands/_route.ts");
    return await route(argv, ctx);
  } catch (error) {
    return await report(error, ctx);
  }
}

function isVersionRequest(argv: readonly string[]): boolean {
  return argv[0] === "--version" || argv[0] === "-V";
}

/** What the entries in Claude Code's settings call. Nothing that goes wrong in it may reach the session. */
function isClaudeHook(argv: readonly string[]): boolean {
  return argv.length === 4 && argv[0] === "hook" && argv[1] === "run" && argv[3] === "--claude";
}

function versionLine(host: { version: string; commit: string }): string {
  return `mosaic ${host.version} (${host.commit})\n`;
}

async function report(error: unknown, ctx: Context): Promise<number> {
  const { AppError, exitCodes, formatError } = await import("./errors.ts");
  // The reader went away (`mosaic … | head`): nobody is left to tell.
  if (hasCode(error, "EPIPE")) return exitCodes.ok;
  if (error instanceof AppError) {
    ctx.io.err(formatError(error));
    return error.exitCode;
  }
  ctx.io.err(bugReport(error, ctx));
  return exitCodes.bug;
}

/** No argv in it: a message to an agent, or a path, is not ours to have published. */
function bugReport(error: unknown, { host }: Context): string {
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return [
    "mosaic: this is a bug in mosaic",
    `  ${versionLine(host).trimEnd()}, ${process.platform} ${process.arch}`,
    ...stack.split("\n").map((line) => `  ${line}`),
    "  hint: report the lines above and the command you ran; `mosaic doctor` shows what may matter too",
    "",
  ].join("\n");
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}

async function start(argv: readonly string[]): Promise<number> {
  if (isVersionRequest(argv) && (await printed(versionLine({ version, commit })))) return 0;
  const { createContext } = await import("./adapters/system.ts");
  const ctx = createContext();
  // A promise that nobody awaited is our bug too, and must not end in a bare stack and exit code 1.
  const fail = (error: unknown) =>
    void report(error, ctx).then((code) => process.exit(isClaudeHook(argv) ? 0 : code));
  process.on("unhandledRejection", fail);
  process.on("uncaughtException", fail);
  const code = await main(argv, ctx);
  if (argv[0] === "hook") {
    const { endWithoutClosing } = await import("./adapters/end-process.ts");
    await endWithoutClosing(code);
  }
  return code;
}

/** Bun.write, because process.stdout alone costs 10 ms. On failure the long way round finds the words for it. */
async function printed(text: string): Promise<boolean> {
  try {
    await Bun.write(Bun.stdout, text);
    return true;
  } catch {
    return false;
  }
}

if (import.meta.main) process.exit(await start(process.argv.slice(2)));
