// mosaic lock run: a command under a lock.
import { defineCommand } from "citty";
import type { Context } from "../../context.ts";
import { json } from "../_args.ts";
import { durationMs } from "../_duration.ts";

const command = "mosaic lock run";
const defaultTimeout = "2m";

export default function commandFor(ctx: Context) {
  return defineCommand({
    args: {
      name: {
        type: "positional",
        required: true,
        valueHint: "NAME",
        description: "the lock: an agent's name, or one of your own",
      },
      argv: {
        type: "positional",
        required: true,
        valueHint: "-- CMD…",
        description: "the command and its arguments",
      },
      stale: {
        type: "string",
        valueHint: "DURATION",
        default: "30s",
        description: "a holder that does not touch its lock for this long is taken for hung",
      },
      "max-wait": {
        type: "string",
        valueHint: "DURATION",
        description: "after this long take it over even from a holder that lives",
      },
      timeout: {
        type: "string",
        valueHint: "DURATION",
        description: `give up with exit 75 after this long, 0: at once (default: ${defaultTimeout}, or never with --max-wait)`,
      },
      json: { ...json, description: "print JSON; what the command prints goes to standard error" },
    },
    async run({ args }) {
      const [name = "", ...argv] = args._;
      const { minStaleMs } = await import("../../domain/lock-verdict.ts");
      const least = { least: "0", leastMs: 0, command };
      const staleRule = { flag: "--stale", least: "3s", leastMs: minStaleMs, command };
      const maxWaitMs = durationMs(args["max-wait"], { flag: "--max-wait", ...least });
      const fallback = maxWaitMs === undefined ? defaultTimeout : undefined;
      const { defaultStaleMs } = await import("../../lock/wait.ts");
      const { runLocked } = await import("../../lock/run.ts");
      return await runLocked(ctx, {
        name,
        argv,
        staleMs: durationMs(args.stale, staleRule) ?? defaultStaleMs,
        maxWaitMs,
        timeoutMs: durationMs(args.timeout ?? fallback, { flag: "--timeout", ...least }),
        json: args.json === true,
      });
    },
  });
}
