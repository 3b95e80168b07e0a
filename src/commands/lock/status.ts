// mosaic lock status: who holds which lock.
import { defineCommand } from "citty";
import type { Context } from "../../context.ts";
import { json } from "../_args.ts";

export default function command(ctx: Context) {
  return defineCommand({
    args: { json },
    async run({ args }) {
      const { lockStatus } = await import("../../lock/status.ts");
      return await lockStatus(ctx, { json: args.json === true });
    },
  });
}
