// mosaic config unset: takes one value out, so that its default counts again.
import { defineCommand } from "citty";
import type { Context } from "../../context.ts";
import { dryRun } from "../_args.ts";
import { settingKey } from "./_key.ts";

export default function command(ctx: Context) {
  return defineCommand({
    args: { key: settingKey, "dry-run": dryRun },
    async run({ args }) {
      const { unsetConfig } = await import("../../config/change.ts");
      return await unsetConfig(ctx, { name: args.key, dryRun: args["dry-run"] === true });
    },
  });
}
