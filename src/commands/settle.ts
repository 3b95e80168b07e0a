// mosaic settle: what an update has the new version do once it is in use.
import { defineCommand } from "citty";
import type { Context } from "../context.ts";

export default function command(ctx: Context) {
  return defineCommand({
    async run() {
      const { settle } = await import("../update/settle.ts");
      return await settle(ctx);
    },
  });
}
