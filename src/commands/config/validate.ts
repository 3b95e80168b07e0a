// mosaic config validate: whether everything that is said is valid.
import { defineCommand } from "citty";
import type { Context } from "../../context.ts";

export default function command(ctx: Context) {
  return defineCommand({
    async run() {
      const { validateConfig } = await import("../../config/show.ts");
      return await validateConfig(ctx);
    },
  });
}
