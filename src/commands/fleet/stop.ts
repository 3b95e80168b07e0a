// mosaic fleet stop: stops the agents named, or all.
import { defineCommand } from "citty";
import type { Context } from "../../context.ts";
import { agentNames, json } from "../_args.ts";

export default function command(ctx: Context) {
  return defineCommand({
    args: { names: agentNames, json },
    async run({ args }) {
      const { stopFleet } = await import("../../fleet/stop.ts");
      return await stopFleet(ctx, { names: args._, json: args.json === true });
    },
  });
}
