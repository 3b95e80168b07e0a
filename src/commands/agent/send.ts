// mosaic agent send: delivers one message.
import { defineCommand } from "citty";
import type { Context } from "../../context.ts";
import { agentName, json } from "../_args.ts";

export default function command(ctx: Context) {
  return defineCommand({
    args: {
      name: agentName,
      message: { type: "string", alias: "m", valueHint: "TEXT", description: "the message" },
      file: { type: "string", valueHint: "FILE", description: "read the message from a file" },
      "source-label": {
        type: "string",
        alias: "source",
        valueHint: "LABEL",
        description: "who it is from (default: HOST:operator)",
      },
      json,
    },
    async run({ args }) {
      const { sendCommand } = await import("../../fleet/send.ts");
      return await sendCommand(ctx, {
        agent: args.name,
        message: args.message,
        file: args.file,
        label: args["source-label"],
        json: args.json === true,
      });
    },
  });
}
