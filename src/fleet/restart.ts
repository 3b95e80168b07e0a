// `mosaic fleet restart [NAME…]`: also starts what is down.
import type { Context } from "../context.ts";
import { bringUp, type FleetOptions } from "./bring-up.ts";

/** Exit code 0 when all named agents run anew, 1 when any failed. */
export async function restartFleet(ctx: Context, options: FleetOptions): Promise<number> {
  return bringUp(ctx, options, {
    verb: "restarting",
    act: (supervisor, names, told) => supervisor.restart(names, told),
  });
}
