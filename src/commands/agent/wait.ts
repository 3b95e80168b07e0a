// mosaic agent wait: until an agent is idle, asks a question, or is dead.
import { defineCommand } from "citty";
import type { Context } from "../../context.ts";
import { usageError } from "../../errors.ts";
import { agentName } from "../_args.ts";
import { durationMs } from "../_duration.ts";

const command = "mosaic agent wait";

export default function commandFor(ctx: Context) {
  return defineCommand({
    args: {
      name: agentName,
      for: {
        type: "string",
        valueHint: "idle|working|waiting|dead",
        default: "idle",
        description: "the state",
      },
      timeout: {
        type: "string",
        valueHint: "DURATION",
        default: "10m",
        description: "give up with exit 75 after this long, 0: at once",
      },
    },
    async run({ args }) {
      const { waitCommand, waitedFor } = await import("../../messages/wait.ts");
      const state = waitedFor.find((one) => one === args.for);
      if (state === undefined) {
        throw usageError(`--for takes ${waitedFor.join(", ")}`, `${command} --help`);
      }
      const rule = { flag: "--timeout", least: "0", leastMs: 0, command };
      const timeoutMs = durationMs(args.timeout, rule) ?? 0;
      return await waitCommand(ctx, { name: args.name, state, timeoutMs });
    },
  });
}
