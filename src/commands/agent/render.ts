// mosaic agent render: writes the launch file; start-agent-session.sh calls it.
import { defineCommand } from "citty";
import type { Context } from "../../context.ts";
import { agentName } from "../_args.ts";

export default function command(ctx: Context) {
  return defineCommand({
    args: { name: agentName },
    async run({ args }) {
      const { renderAgent } = await import("../../fleet/render.ts");
      return await renderAgent(ctx, { name: args.name });
    },
  });
}
