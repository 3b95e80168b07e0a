// Whether a systemd user manager answers, from what systemctl said. The messages are those of systemd 252.
import type { Context, ExecResult } from "../context.ts";
import type { UserManager } from "./choose.ts";

/** Reads the end of any `systemctl --user` call; `running` when it reached the manager, whatever it said. */
export function userManagerOf(result: ExecResult): UserManager {
  if (result.exitCode === 127) return "no-systemctl";
  if (result.timedOut) return "no-bus";
  if (result.exitCode === 0) return "running";
  if (/Operation not permitted|Permission denied|Access denied/i.test(result.stderr))
    return "denied";
  if (
    /Failed to (connect to|get D-Bus)|No medium found|not been booted|XDG_RUNTIME_DIR/i.test(
      result.stderr,
    )
  )
    return "no-bus";
  return "running";
}

/** Asks the user manager for its version; one exec. */
export async function probeUserManager(ctx: Context): Promise<UserManager> {
  return userManagerOf(
    await ctx.exec(["systemctl", "--user", "show", "--property=Version"], { timeoutMs: 10_000 }),
  );
}
