// mosaic gateway backup create: a copy of the store in one file.
import { defineCommand } from "citty";
import type { Context } from "../../../context.ts";
import { json } from "../../_args.ts";

export default function command(ctx: Context) {
  return defineCommand({
    args: {
      output: {
        type: "string",
        valueHint: "FILE",
        description: "where to write it (default: a new file)",
      },
      json,
    },
    async run({ args }) {
      const { createBackup } = await import("../../../gateway/backup.ts");
      return await createBackup(ctx, { output: args.output, json: args.json === true });
    },
  });
}
