// mosaic config show: every setting, and where it came from.
import { defineCommand } from "citty";
import type { Context } from "../../context.ts";
import { json } from "../_args.ts";

export default function command(ctx: Context) {
  return defineCommand({
    args: {
      json,
      origin: {
        type: "boolean",
        description: "with where each value came from, what it overrides, and what to restart",
      },
    },
    async run({ args }) {
      const { showConfig } = await import("../../config/show.ts");
      return await showConfig(ctx, { json: args.json === true, origin: args.origin === true });
    },
  });
}
