// mosaic gateway install: the gateway as a service, with its first admin.
import { defineCommand } from "citty";
import type { Context } from "../../context.ts";
import { dryRun, json } from "../_args.ts";
import { settingArgs, settingFlags } from "./_settings.ts";

export default function command(ctx: Context) {
  return defineCommand({
    args: {
      ...settingArgs,
      "admin-name": { type: "string", valueHint: "NAME", description: "name of the first admin" },
      "admin-email": {
        type: "string",
        valueHint: "EMAIL",
        description: "what the first admin logs in with",
      },
      "require-service": { type: "boolean", description: "fail where no service can be installed" },
      force: { type: "boolean", description: "replace a unit edited by hand, keeping a backup" },
      "dry-run": dryRun,
      json,
    },
    async run({ args }) {
      const { installGateway } = await import("../../gateway/install.ts");
      return await installGateway(ctx, {
        flags: {
          ...settingFlags(args),
          "admin.name": args["admin-name"],
          "admin.email": args["admin-email"],
        },
        dryRun: args["dry-run"] === true,
        json: args.json === true,
        requireService: args["require-service"] === true,
        force: args.force === true,
      });
    },
  });
}
