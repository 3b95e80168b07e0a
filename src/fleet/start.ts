// `mosaic fleet start [NAME…]`.
import type { Context } from "../context.ts";
import { bringUp, type FleetOptions } from "./bring-up.ts";

/** Exit code 0 when all named agents run, 1 when any failed. */
export async function startFleet(ctx: Context, options: FleetOptions): Promise<number> {
  return bringUp(ctx, options, {
    verb: "starting",
    act: (supervisor, names, told) => supervisor.start(names, told),
  });
}
