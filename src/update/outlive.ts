// An update that runs inside the gateway's unit would be killed by the restart that it asks for.
import type { Context } from "../context.ts";
import { AppError, exitCodes } from "../errors.ts";
import { gatewayUnit } from "../gateway/files.ts";

/** Throws AppError, exit 4, before anything is changed. systemd ends a unit by its control group (systemd.kill(5)). */
export async function mustOutlive(ctx: Context): Promise<void> {
  const groups = (await ctx.files.readText("/proc/self/cgroup")) ?? "";
  if (!groups.includes(`/${gatewayUnit}`)) return;
  throw new AppError(
    `this runs inside ${gatewayUnit}, whose restart would end it in the middle; nothing was changed`,
    {
      exitCode: exitCodes.refused,
      hint: "in a unit of its own: systemd-run --user --collect --wait --pipe mosaic update",
    },
  );
}
