// The supervisor of a roster on this host.
import type { Context } from "../context.ts";
import type { Roster } from "../domain/roster.ts";
import { chooseSupervisor } from "../supervisors/choose.ts";
import type { Supervisor } from "../supervisors/supervisor.ts";
import { probeUserManager } from "../supervisors/user-manager.ts";

/** Asks the host only where the roster leaves a choice. AppError when it names one that is not there. */
export async function openSupervisor(ctx: Context, roster: Roster): Promise<Supervisor> {
  const userManager = roster.supervisor === "builtin" ? "no-bus" : await probeUserManager(ctx);
  if (chooseSupervisor({ wanted: roster.supervisor, userManager }) === "systemd") {
    const { systemdSupervisor } = await import("../supervisors/systemd/index.ts");
    return systemdSupervisor(ctx, roster);
  }
  const { builtinSupervisor } = await import("../supervisors/builtin/index.ts");
  return builtinSupervisor(ctx, roster);
}
