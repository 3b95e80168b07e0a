// mosaic agent messages: what was sent, and how far it came.
import { defineCommand } from "citty";
import type { Context } from "../../context.ts";
import { json, optionalAgentName } from "../_args.ts";
import { wholeNumber } from "../_number.ts";

export default function command(ctx: Context) {
  return defineCommand({
    args: {
      name: optionalAgentName,
      id: { type: "string", valueHint: "ID", description: "one message, with all its receipts" },
      lines: {
        type: "string",
        alias: "n",
        valueHint: "N",
        default: "20",
        description: "how many, the newest",
      },
      drop: {
        type: "boolean",
        description: "what waits for the agent (or the one message of --id) is not delivered",
      },
      json,
    },
    async run({ args }) {
      if (args.drop === true) {
        const { dropMessages } = await import("../../messages/drop.ts");
        return await dropMessages(ctx, { agent: args.name, id: args.id });
      }
      const { messagesCommand } = await import("../../messages/list.ts");
      return await messagesCommand(ctx, {
        agent: args.name,
        id: args.id,
        limit: wholeNumber(args.lines, {
          flag: "-n",
          least: 1,
          command: "mosaic agent messages",
        }),
        json: args.json === true,
      });
    },
  });
}
