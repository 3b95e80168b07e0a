// The PATH that agents will have: not the caller's, when a unit starts them.
import type { Context } from "../context.ts";
import { agentUnitTemplate } from "../domain/names.ts";
import type { SupervisorKind } from "../supervisors/supervisor.ts";
import { unitEnvironmentOf } from "../supervisors/systemd/unit-environment.ts";

/** Under systemd the PATH written into the installed unit; otherwise the caller's own. */
export async function agentSearchPath(ctx: Context, kind: SupervisorKind): Promise<string> {
  const own = ctx.env["PATH"] ?? "/usr/local/bin:/usr/bin:/bin";
  if (kind === "builtin") return own;
  const unit = await ctx.files.readText(`${ctx.paths.systemdUser}/${agentUnitTemplate}`);
  return unitEnvironmentOf(unit ?? "").get("PATH") ?? own;
}
