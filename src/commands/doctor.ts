// mosaic doctor: the checks of this host.
import { defineCommand } from "citty";
import type { Context } from "../context.ts";
import { json } from "./_args.ts";

export default function command(ctx: Context) {
  return defineCommand({
    args: {
      fix: {
        type: "boolean",
        description: "apply the fixes that are safe: they lose nothing, and restart nothing",
      },
      json,
    },
    async run({ args }) {
      const { runDoctor } = await import("../doctor/run.ts");
      return await runDoctor(ctx, { json: args.json === true, fix: args.fix === true });
    },
  });
}
