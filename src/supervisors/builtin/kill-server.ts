// Ends a tmux server, but only ours: the question whose it is and the end are one call, so nobody comes in between.
import type { Context } from "../../context.ts";
import { tmuxArgv } from "../../fleet/tmux.ts";

/** Does nothing to a server of somebody else. kill-server answers before the server is gone. */
export async function killOwnServer(ctx: Context, socket: string): Promise<void> {
  const isOurs = `#{==:#{@mosaic_home},${literal(ctx.paths.config)}}`;
  await ctx.exec(tmuxArgv(socket, ["if-shell", "-F", isOurs, "kill-server"]));
}

/** Text inside a tmux format: `#`, `,` and `}` have a meaning there (tmux(1), FORMATS; measured with 3.3a). */
function literal(text: string): string {
  return text.replaceAll(/[#,}]/g, "#$&");
}
