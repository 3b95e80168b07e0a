// mosaic config hooks verify: whether the hooks that are on run.
import { defineCommand } from "citty";
import type { Context } from "../../../context.ts";
import { json } from "../../_args.ts";

export default function command(ctx: Context) {
  return defineCommand({
    args: { json },
    async run({ args }) {
      const { verifyHooks } = await import("../../../hooks/verify.ts");
      return await verifyHooks(ctx, { json: args.json === true });
    },
  });
}
