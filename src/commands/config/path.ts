// mosaic config path: where the settings of this site are.
import { defineCommand } from "citty";
import type { Context } from "../../context.ts";

export default function command(ctx: Context) {
  return defineCommand({
    async run() {
      const { configFile } = await import("../../domain/names.ts");
      ctx.io.out(`${configFile(ctx.paths)}\n`);
      return 0;
    },
  });
}
