// mosaic config get: one value.
import { defineCommand } from "citty";
import type { Context } from "../../context.ts";
import { settingKey } from "./_key.ts";

export default function command(ctx: Context) {
  return defineCommand({
    args: { key: settingKey },
    async run({ args }) {
      const { getConfig } = await import("../../config/show.ts");
      return await getConfig(ctx, args.key);
    },
  });
}
