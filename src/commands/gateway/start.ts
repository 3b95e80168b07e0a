// mosaic gateway start: starts the gateway's service.
import { defineCommand } from "citty";
import type { Context } from "../../context.ts";

export default function command(ctx: Context) {
  return defineCommand({
    args: {},
    async run() {
      const { startGateway } = await import("../../gateway/service/control.ts");
      return await startGateway(ctx);
    },
  });
}
