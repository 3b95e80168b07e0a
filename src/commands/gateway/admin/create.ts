// mosaic gateway admin create: adds an admin.
import { defineCommand } from "citty";
import type { Context } from "../../../context.ts";

export default function command(ctx: Context) {
  return defineCommand({
    args: {},
    async run() {
      const { createAdmin } = await import("../../../gateway/admin.ts");
      return await createAdmin(ctx);
    },
  });
}
