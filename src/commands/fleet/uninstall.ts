// mosaic fleet uninstall: the way back from install-systemd and init.
import { defineCommand } from "citty";
import type { Context } from "../../context.ts";
import { dryRun } from "../_args.ts";

export default function command(ctx: Context) {
  return defineCommand({
    args: {
      purge: {
        type: "boolean",
        description: "also remove the roster, all beside it, and all state",
      },
      yes: { type: "boolean", alias: "y", description: "do not ask" },
      "dry-run": dryRun,
    },
    async run({ args }) {
      const { uninstallFleet } = await import("../../fleet/uninstall.ts");
      return await uninstallFleet(ctx, {
        purge: args.purge === true,
        yes: args.yes === true,
        dryRun: args["dry-run"] === true,
      });
    },
  });
}
