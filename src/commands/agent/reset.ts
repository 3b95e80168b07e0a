// mosaic agent reset: a fresh session for one agent.
import { defineCommand } from "citty";
import type { Context } from "../../context.ts";
import { agentName } from "../_args.ts";

export default function command(ctx: Context) {
  return defineCommand({
    args: {
      name: agentName,
      new: { type: "boolean", description: "begin without the old conversation" },
    },
    async run({ args }) {
      const { resetAgent } = await import("../../fleet/reset.ts");
      return await resetAgent(ctx, { name: args.name, fresh: args.new === true });
    },
  });
}
