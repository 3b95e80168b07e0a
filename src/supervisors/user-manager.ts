// Asks the systemd user manager, and tells from what systemctl said whether one answers at all. The messages are those
// of systemd 252.
import type { Context, ExecResult, Gate } from "../context.ts";
import type { UserManager } from "./choose.ts";

export interface Question {
  args: readonly string[];
  timeoutMs: number;
  /** The lock that it is asked under. */
  under?: { env: Readonly<Record<string, string>>; gate: Gate } | undefined;
}

/** Runs `systemctl --user …`, in English: userManagerOf reads the words of strerror(3), which follow the locale. */
export async function askUserManager(ctx: Context, question: Question): Promise<ExecResult> {
  const { args, timeoutMs, under } = question;
  const env: Record<string, string> = {};
  for (const [key, value] of Object.entries(ctx.env)) if (value !== undefined) env[key] = value;
  const argv = ["systemctl", "--user", ...args];
  return ctx.exec(argv, {
    timeoutMs,
    env: { ...env, ...under?.env, LC_ALL: "C" },
    ...(under === undefined ? {} : { gate: under.gate }),
  });
}

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
  const args = ["show", "--property=Version"];
  return userManagerOf(await askUserManager(ctx, { args, timeoutMs: 10_000 }));
}
