// mosaic gateway backup restore FILE: a backup in the place of what is there.
import { defineCommand } from "citty";
import type { Context } from "../../../context.ts";

export default function command(ctx: Context) {
  return defineCommand({
    args: {
      file: { type: "positional", valueHint: "FILE", required: true, description: "the backup" },
      yes: { type: "boolean", description: "do not ask" },
    },
    async run({ args }) {
      const { restoreBackup } = await import("../../../gateway/restore.ts");
      return await restoreBackup(ctx, { path: args.file, yes: args.yes === true });
    },
  });
}
