// mosaic config hooks repair: puts the hooks in, or mends them.
import { defineCommand } from "citty";
import type { Context } from "../../../context.ts";
import { dryRun } from "../../_args.ts";

export default function command(ctx: Context) {
  return defineCommand({
    args: { "dry-run": dryRun },
    async run({ args }) {
      const { repairHooks } = await import("../../../hooks/install.ts");
      return await repairHooks(ctx, { dryRun: args["dry-run"] === true });
    },
  });
}
