// Which manager can keep the gateway running on this host. A failed question is read for what it says: an unknown unit is no
// missing systemd, and a session without a bus may only lack a variable.
import type { Context } from "../../context.ts";
import { isLingering, lingerFault } from "../../supervisors/systemd/linger.ts";
import { probeUserManager } from "../../supervisors/user-manager.ts";
import { type Reach, systemManagerRuns } from "./systemctl.ts";
import { installedUnits } from "./unit.ts";

/** A manager that can keep it running. */
export interface Managed extends Reach {
  /** What has to be done before it answers. */
  needs: readonly (readonly string[])[];
}

export type Service = Managed | { kind: "none"; reason: string };

/** How long a manager may take to come up once linger is on. */
const lingerMs = 5_000;

/** Looks, and changes nothing. */
export async function findService(ctx: Context): Promise<Service> {
  // One that is installed stays where it is, whoever answers today.
  const units = await installedUnits(ctx);
  const ours = units.find(({ home }) => home === ctx.paths.config);
  if (ours?.kind === "system-unit") return await systemService(ctx);
  const first = await probeUserManager(ctx);
  if (first === "running") return { kind: "user-unit", ctx, needs: [] };
  if (first === "no-systemctl") return { kind: "none", reason: "there is no systemd here" };
  if (first === "denied") return { kind: "none", reason: "this user may not ask systemd" };
  // `sudo -u`, cron and Ansible leave the variable out, while the manager runs.
  const runtime = `/run/user/${ctx.host.uid}`;
  const env = {
    ...ctx.env,
    XDG_RUNTIME_DIR: runtime,
    DBUS_SESSION_BUS_ADDRESS: `unix:path=${runtime}/bus`,
  };
  const reached: Context = { ...ctx, env };
  if (ctx.env["XDG_RUNTIME_DIR"] === undefined || ctx.env["XDG_RUNTIME_DIR"] === runtime) {
    if ((await probeUserManager(reached)) === "running") {
      return { kind: "user-unit", ctx: reached, needs: [] };
    }
    // Booted by systemd (sd_booted(3)), but nobody has logged in: linger starts the manager.
    const isBooted = (await ctx.files.readText("/proc/1/comm"))?.trim() === "systemd";
    const { user, on } = await isLingering(ctx);
    if (isBooted && !on && (await lingerFault(ctx)) === "") {
      return { kind: "user-unit", ctx: reached, needs: [["loginctl", "enable-linger", user]] };
    }
    if (ours === undefined && ctx.host.uid === 0) return await systemService(ctx);
  }
  return { kind: "none", reason: noManager };
}

const noManager = "no user manager of systemd answers, as in a container";

/** Root's way where root has no user manager. */
async function systemService(ctx: Context): Promise<Service> {
  if (await systemManagerRuns(ctx)) return { kind: "system-unit", ctx, needs: [] };
  return { kind: "none", reason: noManager };
}

/** Does what it needs, and waits until the manager answers; false when it does not. */
export async function reachManager({ kind, ctx, needs }: Managed): Promise<boolean> {
  if (kind === "system-unit") return true;
  for (const argv of needs) {
    if ((await ctx.exec(argv)).exitCode !== 0) return false;
  }
  const until = ctx.clock.monotonic() + lingerMs;
  for (;;) {
    if ((await probeUserManager(ctx)) === "running") return true;
    if (ctx.clock.monotonic() > until) return false;
    await ctx.clock.sleep(100);
  }
}
