// mosaic update: another version of mosaic, with its agents running.
import { defineCommand } from "citty";
import type { Context } from "../context.ts";
import { json } from "./_args.ts";

export default function command(ctx: Context) {
  return defineCommand({
    args: {
      check: { type: "boolean", description: "only say which version there is" },
      version: { type: "string", valueHint: "X.Y.Z", description: "this one, also an older one" },
      rollback: { type: "boolean", description: "back to the version before this one" },
      from: {
        type: "string",
        valueHint: "URL|DIR",
        description: "where releases are (default: where install.sh found this one)",
      },
      json,
    },
    async run({ args }) {
      const { update } = await import("../update/update.ts");
      return await update(ctx, {
        check: args.check === true,
        version: args.version,
        rollback: args.rollback === true,
        from: args.from,
        json: args.json === true,
      });
    },
  });
}
