// mosaic agent attach: this terminal on the agent's session.
import { defineCommand } from "citty";
import type { Context } from "../../context.ts";
import { agentName } from "../_args.ts";

export default function command(ctx: Context) {
  return defineCommand({
    args: {
      name: agentName,
      "read-only": { type: "boolean", alias: "r", description: "watch without typing" },
    },
    async run({ args }) {
      const { attachAgent } = await import("../../fleet/attach.ts");
      return await attachAgent(ctx, { name: args.name, readOnly: args["read-only"] === true });
    },
  });
}
