// mosaic fleet verify: the evidence for each agent.
import { defineCommand } from "citty";
import type { Context } from "../../context.ts";
import { json } from "../_args.ts";

export default function command(ctx: Context) {
  return defineCommand({
    args: { json },
    async run({ args }) {
      const { verifyFleet } = await import("../../fleet/verify.ts");
      return await verifyFleet(ctx, { json: args.json === true });
    },
  });
}
