// What start and stop refuse, because it would touch another fleet than the roster's.
import { AppError, exitCodes } from "../errors.ts";
import type { Context } from "../context.ts";
import type { SupervisorKind } from "../supervisors/supervisor.ts";
import { unitsAreOurs } from "../supervisors/systemd/sync.ts";
import { strayFleets } from "./stop-remains.ts";

/** Throws, exit code 4, when the units of this user run the fleet of another mosaic home: unit names are shared. */
export async function refuseForeignUnits(ctx: Context, kind: SupervisorKind): Promise<void> {
  if (kind !== "systemd" || (await unitsAreOurs(ctx))) return;
  throw new AppError("the systemd units of this user run the fleet of another MOSAIC_HOME", {
    exitCode: exitCodes.refused,
    hint: "set supervisor: builtin in this roster, or run mosaic fleet uninstall in that home",
  });
}

/** Throws, exit code 4, when a fleet of this home still runs on a socket that the roster named before. */
export async function refuseStrays(ctx: Context, socket: string): Promise<void> {
  const strays = await strayFleets(ctx, socket);
  if (strays.length === 0) return;
  throw new AppError(
    `the fleet still runs on socket ${strays.join(", ")}, the roster says ${socket}`,
    {
      exitCode: exitCodes.refused,
      hint: "mosaic fleet stop",
    },
  );
}
