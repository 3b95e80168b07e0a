// mosaic uninstall: the way back from install.sh.
import { defineCommand } from "citty";
import type { Context } from "../context.ts";
import { dryRun } from "./_args.ts";

export default function command(ctx: Context) {
  return defineCommand({
    args: {
      purge: {
        type: "boolean",
        description: "also remove the roster, the configuration and all data",
      },
      yes: { type: "boolean", alias: "y", description: "do not ask" },
      "dry-run": dryRun,
    },
    async run({ args }) {
      const { uninstall } = await import("../update/uninstall.ts");
      return await uninstall(ctx, {
        purge: args.purge === true,
        yes: args.yes === true,
        dryRun: args["dry-run"] === true,
      });
    },
  });
}
