// mosaic fleet run: the builtin supervisor in the foreground.
import { defineCommand } from "citty";
import type { Context } from "../../context.ts";
import { agentNames } from "../_args.ts";

export default function command(ctx: Context) {
  return defineCommand({
    args: {
      names: agentNames,
      "adopt-only": {
        type: "boolean",
        description: "start none: take over the agents that live, and wait for fleet start",
      },
    },
    async run({ args }) {
      const { runFleet } = await import("../../supervisors/builtin/run.ts");
      return await runFleet(ctx, { names: args._, adoptOnly: args["adopt-only"] === true });
    },
  });
}
