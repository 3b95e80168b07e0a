// mosaic agent deliver: brings an agent what waits in its queue; started by ourselves.
import { defineCommand } from "citty";
import type { Context } from "../../context.ts";
import { agentName } from "../_args.ts";

export default function command(ctx: Context) {
  return defineCommand({
    args: { name: agentName },
    async run({ args }) {
      const { deliverWaiting } = await import("../../messages/deliver-waiting.ts");
      return await deliverWaiting(ctx, args.name);
    },
  });
}
