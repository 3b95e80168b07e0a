// mosaic hook run: an event of the agent whose runtime calls it.
import { defineCommand } from "citty";
import type { Context } from "../../context.ts";

export default function command(ctx: Context) {
  return defineCommand({
    args: {
      event: { type: "positional", required: true, valueHint: "EVENT", description: "its name" },
      claude: { type: "boolean", description: "for an entry of Claude Code's settings" },
    },
    async run({ args }) {
      if (args.claude === true) {
        const { runClaudeHook } = await import("../../hooks/run.ts");
        return await runClaudeHook(ctx, args.event);
      }
      const { runHook } = await import("../../messages/hook.ts");
      return await runHook(ctx, args.event);
    },
  });
}
