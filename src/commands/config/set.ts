// mosaic config set: changes one value.
import { defineCommand } from "citty";
import type { Context } from "../../context.ts";
import { dryRun } from "../_args.ts";
import { settingKey } from "./_key.ts";

export default function command(ctx: Context) {
  return defineCommand({
    args: {
      key: settingKey,
      value: {
        type: "positional",
        required: false,
        valueHint: "VALUE",
        description: "the value; that of a secret is read from standard input instead",
      },
      "dry-run": dryRun,
    },
    async run({ args }) {
      const { setConfig } = await import("../../config/change.ts");
      const { key: name, value } = args;
      return await setConfig(ctx, { name, value, dryRun: args["dry-run"] === true });
    },
  });
}
