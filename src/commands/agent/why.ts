// mosaic agent why: the black box of an agent.
import { defineCommand } from "citty";
import type { Context } from "../../context.ts";
import { agentName, json } from "../_args.ts";

export default function command(ctx: Context) {
  return defineCommand({
    args: { name: agentName, json },
    async run({ args }) {
      const { explainEnd } = await import("../../fleet/why.ts");
      return await explainEnd(ctx, { name: args.name, json: args.json === true });
    },
  });
}
