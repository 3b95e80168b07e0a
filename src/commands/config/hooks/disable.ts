// mosaic config hooks disable: switches an event or one hook off.
import { defineCommand } from "citty";
import type { Context } from "../../../context.ts";
import { dryRun } from "../../_args.ts";
import { hookName } from "./_name.ts";

export default function command(ctx: Context) {
  return defineCommand({
    args: { name: hookName, "dry-run": dryRun },
    async run({ args }) {
      const { toggleHook } = await import("../../../hooks/toggle.ts");
      return await toggleHook(ctx, {
        name: args.name,
        isOn: false,
        dryRun: args["dry-run"] === true,
      });
    },
  });
}
