// mosaic gateway admin list: all accounts.
import { defineCommand } from "citty";
import type { Context } from "../../../context.ts";
import { json } from "../../_args.ts";

export default function command(ctx: Context) {
  return defineCommand({
    args: { json },
    async run({ args }) {
      const { listAdmins } = await import("../../../gateway/admin.ts");
      return await listAdmins(ctx, { json: args.json === true });
    },
  });
}
