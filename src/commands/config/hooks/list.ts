// mosaic config hooks list: every hook, and whether it is on.
import { defineCommand } from "citty";
import type { Context } from "../../../context.ts";
import { json } from "../../_args.ts";

export default function command(ctx: Context) {
  return defineCommand({
    args: { json },
    async run({ args }) {
      const { listHooks } = await import("../../../hooks/list.ts");
      return await listHooks(ctx, { json: args.json === true });
    },
  });
}
