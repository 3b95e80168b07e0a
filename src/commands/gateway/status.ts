// mosaic gateway status: whether the gateway is ready.
import { defineCommand } from "citty";
import type { Context } from "../../context.ts";
import { json } from "../_args.ts";

export default function command(ctx: Context) {
  return defineCommand({
    args: { json },
    async run({ args }) {
      const { gatewayStatus } = await import("../../gateway/service/control.ts");
      return await gatewayStatus(ctx, { json: args.json === true });
    },
  });
}
