// mosaic agent roster: the agents as the roster has them.
import { defineCommand } from "citty";
import type { Context } from "../../context.ts";
import { json } from "../_args.ts";

export default function command(ctx: Context) {
  return defineCommand({
    args: { json },
    async run({ args }) {
      const { showRoster } = await import("../../fleet/show-roster.ts");
      return await showRoster(ctx, { json: args.json === true });
    },
  });
}
