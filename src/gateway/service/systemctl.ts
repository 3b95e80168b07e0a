// Asks the manager that has the gateway's unit: the user's own, or root's the system's.
import type { Context, ExecResult } from "../../context.ts";
import { ProcessError } from "../../errors.ts";
import { askUserManager } from "../../supervisors/user-manager.ts";
import { gatewayUnit } from "../files.ts";

/** `user-unit`: in a folder of the user's · `system-unit`: of root, in /etc/systemd/system. */
export type UnitKind = "user-unit" | "system-unit";

/** A manager, and the context whose environment reaches it. */
export interface Reach {
  kind: UnitKind;
  ctx: Context;
}

/** A restart waits for the end of the old one, which types its message to the end. */
const timeoutMs = 60_000;

/** The words before the verb. */
export function systemctlWords(kind: UnitKind): string[] {
  return kind === "user-unit" ? ["systemctl", "--user"] : ["systemctl"];
}

/** Runs `systemctl [--user] …`. */
export async function systemctl({ kind, ctx }: Reach, ...args: string[]): Promise<ExecResult> {
  if (kind === "user-unit") return await askUserManager(ctx, { args, timeoutMs });
  return await ctx.exec([...systemctlWords(kind), ...args], { timeoutMs });
}

/** The same for a call that has to succeed; throws ProcessError otherwise. */
export async function mustSystemctl(reach: Reach, ...args: string[]): Promise<void> {
  const result = await systemctl(reach, ...args);
  if (result.exitCode === 0) return;
  const words = systemctlWords(reach.kind);
  const hint = `${words.join(" ")} status ${gatewayUnit}`;
  throw new ProcessError({ argv: [...words, ...args], ...result }, { hint });
}

/** Whether the system's own manager answers: not where systemd is installed and another program is pid 1, as in a container. */
export async function systemManagerRuns(ctx: Context): Promise<boolean> {
  const asked = await systemctl({ kind: "system-unit", ctx }, "show", "--property=Version");
  return asked.exitCode === 0;
}
