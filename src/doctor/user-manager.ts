// What the systemd user manager says of itself: whether it answers, where it looks for units, and the environment
// that it gives to them.
import type { Context } from "../context.ts";
import type { UserManager } from "../supervisors/choose.ts";
import { askUserManager, userManagerOf } from "../supervisors/user-manager.ts";
import { askTimeoutMs } from "./check.ts";

export interface ManagerFacts {
  /** unknown: it was asked, and what came back is no answer. */
  state: UserManager | "unknown";
  /** Such as `252.39-1~deb12u1`; empty when it does not answer. */
  version: string;
  /** Folders in which it looks for units. */
  unitFolders: string[];
  /** Why nothing is known; empty otherwise. */
  fault: string;
}

/** One exec. Never throws. */
export async function managerFacts(ctx: Context): Promise<ManagerFacts> {
  const nothing = { version: "", unitFolders: [] };
  try {
    const args = ["show", "--property=Version,UnitPath"];
    const shown = await askUserManager(ctx, { args, timeoutMs: askTimeoutMs });
    // Such a result has no words in it, and would pass for an answer.
    if (shown.timedOut || shown.signal !== null) {
      const seconds = askTimeoutMs / 1000;
      const fault = shown.timedOut
        ? `systemctl --user gave no answer within ${seconds} s`
        : `systemctl --user was killed by ${shown.signal}`;
      return { state: "unknown", ...nothing, fault };
    }
    const state = userManagerOf(shown);
    if (state === "running" && shown.exitCode !== 0) {
      const words = shown.stderr.trim() || `exit ${shown.exitCode}`;
      return { state: "unknown", ...nothing, fault: `systemctl --user said: ${words}` };
    }
    const unitFolders = valueOf(shown.stdout, "UnitPath").split(" ");
    return { state, version: valueOf(shown.stdout, "Version"), unitFolders, fault: "" };
  } catch (error) {
    return { state: "unknown", ...nothing, fault: String(error) };
  }
}

function valueOf(shown: string, key: string): string {
  return new RegExp(`^${key}=(.*)$`, "m").exec(shown)?.[1] ?? "";
}

/**
 * The environment that the manager gives to every unit, from `systemctl --user show-environment`; undefined when it
 * did not say. Values with special characters come as $'…' with C escapes (systemctl(1)).
 */
export async function managerEnvironment(ctx: Context): Promise<Map<string, string> | undefined> {
  const argv = ["systemctl", "--user", "show-environment"];
  const shown = await ctx.exec(argv, { timeoutMs: askTimeoutMs });
  if (shown.exitCode !== 0) return undefined;
  const entries = shown.stdout.split("\n").flatMap((line): [string, string][] => {
    const at = line.indexOf("=");
    return at > 0 ? [[line.slice(0, at), unquoted(line.slice(at + 1))]] : [];
  });
  return new Map(entries);
}

function unquoted(value: string): string {
  const inner = /^\$'(.*)'$/.exec(value)?.[1];
  return inner === undefined ? value : inner.replaceAll(/\\(.)/g, "$1");
}
