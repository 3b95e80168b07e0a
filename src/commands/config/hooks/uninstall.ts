// mosaic config hooks uninstall: takes the entries out of settings.json.
import { defineCommand } from "citty";
import type { Context } from "../../../context.ts";
import { dryRun } from "../../_args.ts";

export default function command(ctx: Context) {
  return defineCommand({
    args: { "dry-run": dryRun },
    async run({ args }) {
      const { uninstallHooks } = await import("../../../hooks/install.ts");
      return await uninstallHooks(ctx, { dryRun: args["dry-run"] === true });
    },
  });
}
