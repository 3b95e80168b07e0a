// mosaic gateway token revoke ID: ends a token.
import { defineCommand } from "citty";
import type { Context } from "../../../context.ts";

export default function command(ctx: Context) {
  return defineCommand({
    args: {
      id: { type: "positional", valueHint: "ID", required: true, description: "the token's id" },
    },
    async run({ args }) {
      const { revokeTokenCommand } = await import("../../../gateway/token-commands.ts");
      return await revokeTokenCommand(ctx, args.id);
    },
  });
}
