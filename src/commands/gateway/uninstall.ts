// mosaic gateway uninstall: stops the gateway and removes its service.
import { defineCommand } from "citty";
import type { Context } from "../../context.ts";
import { dryRun } from "../_args.ts";

export default function command(ctx: Context) {
  return defineCommand({
    args: {
      purge: { type: "boolean", description: "remove accounts, tokens, backups and secrets too" },
      yes: { type: "boolean", description: "do not ask" },
      "dry-run": dryRun,
    },
    async run({ args }) {
      const { uninstallGateway } = await import("../../gateway/service/uninstall.ts");
      return await uninstallGateway(ctx, {
        purge: args.purge === true,
        yes: args.yes === true,
        dryRun: args["dry-run"] === true,
      });
    },
  });
}
