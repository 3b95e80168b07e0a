// mosaic fleet install-systemd: writes the systemd user units.
import { defineCommand } from "citty";
import type { Context } from "../../context.ts";
import { dryRun } from "../_args.ts";

export default function command(ctx: Context) {
  return defineCommand({
    args: {
      "dry-run": dryRun,
      force: { type: "boolean", description: "replace units edited by hand, keeping a backup" },
    },
    async run({ args }) {
      const { installSystemd } = await import("../../supervisors/systemd/install.ts");
      return await installSystemd(ctx, {
        dryRun: args["dry-run"] === true,
        force: args.force === true,
      });
    },
  });
}
