// mosaic lock drop: the end of lock take.
import { defineCommand } from "citty";
import type { Context } from "../../context.ts";

export default function command(ctx: Context) {
  return defineCommand({
    args: {
      name: { type: "positional", required: true, valueHint: "NAME", description: "the lock" },
    },
    async run({ args }) {
      const { dropLock } = await import("../../lock/take.ts");
      return await dropLock(ctx, { name: args.name });
    },
  });
}
