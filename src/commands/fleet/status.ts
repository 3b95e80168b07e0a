// mosaic fleet status: what runs.
import { defineCommand } from "citty";
import type { Context } from "../../context.ts";
import { json } from "../_args.ts";

export default function command(ctx: Context) {
  return defineCommand({
    args: { json },
    async run({ args }) {
      const { fleetStatus } = await import("../../fleet/status.ts");
      return await fleetStatus(ctx, { json: args.json === true });
    },
  });
}
