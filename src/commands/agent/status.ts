// mosaic agent status: the state of every agent, or of one.
import { defineCommand } from "citty";
import type { Context } from "../../context.ts";
import { json, optionalAgentName } from "../_args.ts";

export default function command(ctx: Context) {
  return defineCommand({
    args: {
      name: optionalAgentName,
      explain: {
        type: "boolean",
        description: "every source's word, its age, and which one counts",
      },
      json,
    },
    async run({ args }) {
      const { agentStatus } = await import("../../fleet/status.ts");
      return await agentStatus(ctx, {
        name: args.name,
        json: args.json === true,
        explain: args.explain === true,
      });
    },
  });
}
