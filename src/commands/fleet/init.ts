// mosaic fleet init: writes a roster from an example profile.
import { defineCommand } from "citty";
import type { Context } from "../../context.ts";

export default function command(ctx: Context) {
  return defineCommand({
    args: {
      profile: {
        type: "string",
        valueHint: "PROFILE",
        default: "minimal",
        description: "the example to start from",
      },
      write: { type: "boolean", description: "write the roster instead of printing it" },
      force: {
        type: "boolean",
        description: "replace an existing roster and edited tools, keeping backups",
      },
    },
    async run({ args }) {
      const { initFleet } = await import("../../fleet/init.ts");
      return await initFleet(ctx, {
        profile: args.profile,
        write: args.write === true,
        force: args.force === true,
      });
    },
  });
}
