// mosaic agent tail: the last lines of an agent's screen, and what follows.
import { defineCommand } from "citty";
import type { Context } from "../../context.ts";
import { agentName } from "../_args.ts";
import { wholeNumber } from "../_number.ts";

export default function command(ctx: Context) {
  return defineCommand({
    args: {
      name: agentName,
      lines: {
        type: "string",
        alias: "n",
        valueHint: "N",
        default: "40",
        description: "how many lines",
      },
      follow: { type: "boolean", alias: "f", description: "go on with new lines" },
    },
    async run({ args }) {
      const lines = wholeNumber(args.lines, {
        flag: "-n",
        least: 1,
        command: "mosaic agent tail",
      });
      const { tailAgent } = await import("../../fleet/tail.ts");
      return await tailAgent(ctx, { name: args.name, lines, follow: args.follow === true });
    },
  });
}
