// mosaic canary: the built-in agent, as fleets of the runtime with that name run it. The options are for tests and
// demonstrations.
import { defineCommand } from "citty";
import type { Context } from "../context.ts";
import { wholeNumber } from "./_number.ts";

export default function command(ctx: Context) {
  return defineCommand({
    args: {
      "work-ms": {
        type: "string",
        valueHint: "MS",
        default: "50",
        description: "length of the working spell before an answer",
      },
      ask: { type: "boolean", description: "ask for permission before each answer" },
      witness: {
        type: "string",
        valueHint: "FILE",
        description: "create this file at each permission given",
      },
      "exit-after": {
        type: "string",
        valueHint: "N",
        description: "end by itself after so many answers",
      },
      "exit-code": {
        type: "string",
        valueHint: "CODE",
        default: "0",
        description: "exit status of that end",
      },
    },
    async run({ args }) {
      const { witness, "exit-after": exitAfter } = args;
      const options = {
        workMs: number("--work-ms", args["work-ms"]),
        ask: args.ask === true,
        exitCode: number("--exit-code", args["exit-code"]),
        ...(witness === undefined ? {} : { witness }),
        ...(exitAfter === undefined ? {} : { exitAfter: number("--exit-after", exitAfter) }),
      };
      const { runCanary } = await import("../canary/run.ts");
      return await runCanary(ctx, options);
    },
  });
}

function number(flag: string, text: string): number {
  return wholeNumber(text, { flag, least: 0, command: "mosaic canary" });
}
