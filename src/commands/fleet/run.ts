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
        description:
          "start none but take over those that live (what fleet start puts into the background)",
      },
    },
    async run({ args }) {
      const { runFleet } = await import("../../supervisors/builtin/run.ts");
      return await runFleet(ctx, { names: args._, adoptOnly: args["adopt-only"] === true });
    },
  });
}
