// mosaic gateway logs: what the gateway's service printed.
import { defineCommand } from "citty";
import type { Context } from "../../context.ts";
import { wholeNumber } from "../_number.ts";

export default function command(ctx: Context) {
  return defineCommand({
    args: {
      lines: {
        type: "string",
        alias: "n",
        valueHint: "COUNT",
        default: "100",
        description: "how many lines",
      },
      follow: { type: "boolean", alias: "f", description: "go on until Ctrl-C" },
    },
    async run({ args }) {
      const lines = wholeNumber(args.lines, {
        flag: "--lines",
        least: 1,
        command: "mosaic gateway logs",
      });
      const { gatewayLogs } = await import("../../gateway/service/control.ts");
      return await gatewayLogs(ctx, { lines, follow: args.follow === true });
    },
  });
}
