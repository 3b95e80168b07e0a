// mosaic gateway admin reset-password EMAIL: a new password by the gateway's files alone.
import { defineCommand } from "citty";
import type { Context } from "../../../context.ts";

export default function command(ctx: Context) {
  return defineCommand({
    args: {
      email: {
        type: "positional",
        valueHint: "EMAIL",
        required: true,
        description: "whose password",
      },
    },
    async run({ args }) {
      const { resetPassword } = await import("../../../gateway/admin.ts");
      return await resetPassword(ctx, args.email);
    },
  });
}
