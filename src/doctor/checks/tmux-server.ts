// The tmux server on the roster's socket: ours, nobody's, or somebody else's, which we do not touch.
import { tmuxArgv } from "../../fleet/tmux.ts";
import { askTimeoutMs, type Check, ok, problem, skipped } from "../check.ts";

export const tmuxServer: Check = {
  id: "tmux-server",
  title: "tmux server",
  needs: "roster",
  async run(ctx, { roster }) {
    const socket = roster?.socket ?? "";
    const argv = tmuxArgv(socket, ["show-options", "-gqv", "@mosaic_home"]);
    const asked = await ctx.exec(argv, { timeoutMs: askTimeoutMs });
    if (asked.exitCode === 127) return skipped("tmux is not installed");
    if (asked.timedOut)
      return problem(
        `the server on socket ${socket} gives no answer`,
        `tmux -L ${socket} list-sessions`,
      );
    if (asked.exitCode !== 0) {
      const words = asked.stderr.trim();
      // Nobody listens, or the socket is not even there: the fleet does not run, which is no fault of the host.
      if (/no server running|No such file or directory|Connection refused/.test(words))
        return ok(`none on socket ${socket}`);
      return problem(`cannot reach socket ${socket}: ${words}`, `tmux -L ${socket} list-sessions`);
    }
    const owner = asked.stdout.trim();
    if (owner === ctx.paths.config) return ok(`ours, on socket ${socket}`);
    const whose = owner === "" ? "was not started by mosaic" : `belongs to the fleet of ${owner}`;
    return problem(
      `the server on socket ${socket} ${whose}; name another socket in the roster, or end that server`,
      `tmux -L ${socket} list-sessions`,
    );
  },
};
