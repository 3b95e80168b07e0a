// mosaic gateway run: the gateway in the foreground.
import { defineCommand } from "citty";
import type { Context } from "../../context.ts";
import { settingArgs, settingFlags } from "./_settings.ts";

export default function command(ctx: Context) {
  return defineCommand({
    args: settingArgs,
    async run({ args }) {
      const { runGateway } = await import("../../gateway/run.ts");
      return await runGateway(ctx, settingFlags(args));
    },
  });
}
