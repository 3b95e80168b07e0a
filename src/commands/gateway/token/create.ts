// mosaic gateway token create: a token, shown once.
import { defineCommand } from "citty";
import type { Context } from "../../../context.ts";
import { json } from "../../_args.ts";
import { durationMs } from "../../_duration.ts";

export default function command(ctx: Context) {
  return defineCommand({
    args: {
      owner: {
        type: "string",
        required: true,
        valueHint: "EMAIL",
        description: "whose token it is",
      },
      scopes: {
        type: "string",
        required: true,
        valueHint: "SCOPES",
        description: "what it may do, with commas",
      },
      name: {
        type: "string",
        default: "command line",
        valueHint: "TEXT",
        description: "what it is for",
      },
      expires: {
        type: "string",
        default: "90d",
        valueHint: "DURATION",
        description: "how long it holds",
      },
      json,
    },
    async run({ args }) {
      const rule = {
        flag: "--expires",
        least: "1m",
        leastMs: 60_000,
        command: "mosaic gateway token create",
      };
      const expiresMs = durationMs(args.expires, rule) ?? 0;
      const { createToken } = await import("../../../gateway/token-commands.ts");
      const { owner, name, scopes } = args;
      return await createToken(ctx, { owner, name, scopes, expiresMs, json: args.json === true });
    },
  });
}
