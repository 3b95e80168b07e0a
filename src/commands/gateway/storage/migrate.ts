// mosaic gateway storage migrate: the local store into that of a team.
import { defineCommand } from "citty";
import type { Context } from "../../../context.ts";

export default function command(ctx: Context) {
  return defineCommand({
    args: {
      to: { type: "string", required: true, valueHint: "team", description: "the tier to move to" },
    },
    async run({ args }) {
      const { migrateStorage } = await import("../../../gateway/migrate-storage.ts");
      return await migrateStorage(ctx, { to: args.to });
    },
  });
}
