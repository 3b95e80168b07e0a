// tmux: there, and new enough.
import { askTimeoutMs, type Check, type CheckResult, ok, problem, warning } from "../check.ts";

/**
 * 3.2 brought `-N` (a client never starts a server), `-D` (the holder's foreground server) and `new-session -e`
 * (tmux's CHANGES, "from 3.1c to 3.2").
 */
const oldest = { major: 3, minor: 2 };

/** The version whose server dies of a paste into a dead pane, every agent with it (measured: research/agents.md). */
const guarded = "3.3a";

export const tmux: Check = {
  id: "tmux",
  title: "tmux",
  needs: "nothing",
  async run(ctx) {
    const asked = await ctx.exec(["tmux", "-V"], { timeoutMs: askTimeoutMs });
    if (asked.exitCode === 127) return problem("tmux is not installed", "apt-get install tmux");
    if (asked.exitCode !== 0) return problem("tmux does not run: tmux -V failed", "tmux -V");
    return judgeVersion(asked.stdout.trim().replace(/^tmux /, ""));
  },
};

/** What a version means for us; the words behind `tmux ` of `tmux -V`, such as `3.3a` or `next-3.5`. */
export function judgeVersion(version: string): CheckResult {
  const [, major, minor] = /^(?:next-)?(\d+)\.(\d+)/.exec(version) ?? [];
  if (major === undefined || minor === undefined) {
    return warning(`cannot tell whether ${JSON.stringify(version)} is 3.2 or newer`);
  }
  const isOld =
    Number(major) < oldest.major ||
    (Number(major) === oldest.major && Number(minor) < oldest.minor);
  if (isOld) {
    return problem(
      `${version} is too old: mosaic needs 3.2 or newer (tmux -N, new-session -e)`,
      "apt-get install tmux",
    );
  }
  return ok(
    version === guarded
      ? `${version}; mosaic never pastes into a dead pane, which would end this server`
      : version,
  );
}
