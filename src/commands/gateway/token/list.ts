// mosaic gateway token list: all tokens.
import { defineCommand } from "citty";
import type { Context } from "../../../context.ts";
import { json } from "../../_args.ts";

export default function command(ctx: Context) {
  return defineCommand({
    args: { json },
    async run({ args }) {
      const { listTokensCommand } = await import("../../../gateway/token-commands.ts");
      return await listTokensCommand(ctx, { json: args.json === true });
    },
  });
}
