// mosaic gateway backup verify FILE: whether it is whole.
import { defineCommand } from "citty";
import type { Context } from "../../../context.ts";
import { json } from "../../_args.ts";

export default function command(ctx: Context) {
  return defineCommand({
    args: {
      file: { type: "positional", valueHint: "FILE", required: true, description: "the backup" },
      json,
    },
    async run({ args }) {
      const { verifyBackup } = await import("../../../gateway/backup.ts");
      return await verifyBackup(ctx, { path: args.file, json: args.json === true });
    },
  });
}
