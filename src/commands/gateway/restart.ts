// mosaic gateway restart: restarts the gateway's service.
import { defineCommand } from "citty";
import type { Context } from "../../context.ts";

export default function command(ctx: Context) {
  return defineCommand({
    args: {},
    async run() {
      const { restartGateway } = await import("../../gateway/service/control.ts");
      return await restartGateway(ctx);
    },
  });
}
