// Whose tmux server answers on the roster's socket. Nothing is done to one that is not ours.
import { AppError, exitCodes } from "../errors.ts";
import type { Context } from "../context.ts";
import type { ServerOwner } from "../domain/sessions.ts";
import { tmuxArgv } from "./tmux.ts";

/** One exec. Ours carries our config folder in its global option @mosaic_home. */
export async function serverOwner(ctx: Context, socket: string): Promise<ServerOwner> {
  const shown = await ctx.exec(tmuxArgv(socket, ["show-options", "-gqv", "@mosaic_home"]));
  if (shown.exitCode === 127) throw noTmux();
  if (shown.exitCode !== 0) return "none";
  return shown.stdout.trim() === ctx.paths.config ? "ours" : "foreign";
}

/** tmux is the one program that nothing works without. */
export function noTmux(): AppError {
  return new AppError("tmux is not installed", {
    exitCode: exitCodes.failed,
    hint: "apt-get install tmux",
  });
}

/** Throws, exit code 4, when a server answers there that we must not take over. */
export async function refuseForeignServer(
  ctx: Context,
  socket: string,
  options: { oursIsForeign: boolean },
): Promise<void> {
  const owner = await serverOwner(ctx, socket);
  if (owner === "foreign") {
    throw new AppError(`the tmux server on socket ${socket} is not ours`, {
      exitCode: exitCodes.refused,
      hint: `name another socket: in the roster, or look at it with: tmux -L ${socket} ls`,
    });
  }
  if (owner === "ours" && options.oursIsForeign) {
    throw new AppError(
      `the tmux server on socket ${socket} is run by mosaic fleet run, not by systemd`,
      {
        exitCode: exitCodes.refused,
        hint: `set supervisor: builtin in the roster and run: mosaic fleet stop`,
      },
    );
  }
}
