// mosaic lock take: a lock in the name of a script.
import { defineCommand } from "citty";
import type { Context } from "../../context.ts";
import { durationMs } from "../_duration.ts";
import { wholeNumber } from "../_number.ts";

const command = "mosaic lock take";

export default function commandFor(ctx: Context) {
  return defineCommand({
    args: {
      name: { type: "positional", required: true, valueHint: "NAME", description: "the lock" },
      pid: {
        type: "string",
        required: true,
        valueHint: "PID",
        description: "the script that holds it until it ends",
      },
      timeout: {
        type: "string",
        valueHint: "DURATION",
        default: "30s",
        description: "give up with exit 75 after this long",
      },
    },
    async run({ args }) {
      const { takeLock } = await import("../../lock/take.ts");
      const rule = { flag: "--timeout", leastMs: 0, least: "0", command };
      return await takeLock(ctx, {
        name: args.name,
        pid: wholeNumber(args.pid, { flag: "--pid", least: 2, command }),
        timeoutMs: durationMs(args.timeout, rule) ?? 0,
      });
    },
  });
}
