// mosaic config hooks enable: switches an event or one hook on.
import { defineCommand } from "citty";
import type { Context } from "../../../context.ts";
import { hookName } from "./_name.ts";

export default function command(ctx: Context) {
  return defineCommand({
    args: { name: hookName },
    async run({ args }) {
      const { toggleHook } = await import("../../../hooks/toggle.ts");
      return await toggleHook(ctx, { name: args.name, isOn: true });
    },
  });
}
