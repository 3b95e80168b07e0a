// mosaic agent ask: a message, and the answer to it.
import { defineCommand } from "citty";
import type { Context } from "../../context.ts";
import { agentName, json } from "../_args.ts";
import { durationMs } from "../_duration.ts";

export default function command(ctx: Context) {
  return defineCommand({
    args: {
      name: agentName,
      text: { type: "positional", required: false, valueHint: "TEXT", description: "the question" },
      file: { type: "string", valueHint: "FILE", description: "read it from a file" },
      "source-label": {
        type: "string",
        alias: "source",
        valueHint: "LABEL",
        description: "who it is from (default: HOST:operator; HOST:NAME inside an agent)",
      },
      timeout: {
        type: "string",
        valueHint: "DURATION",
        default: "10m",
        description: "how long to wait for the answer",
      },
      json,
    },
    async run({ args }) {
      const rule = { flag: "--timeout", least: "1s", leastMs: 1000, command: "mosaic agent ask" };
      const { askCommand } = await import("../../messages/send.ts");
      return await askCommand(ctx, {
        agent: args.name,
        message: args.text,
        file: args.file,
        label: args["source-label"],
        timeoutMs: durationMs(args.timeout, rule) ?? 0,
        json: args.json === true,
      });
    },
  });
}
