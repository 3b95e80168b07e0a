// mosaic wizard: the first run.
import { defineCommand } from "citty";
import type { Context } from "../context.ts";
import { dryRun, json } from "./_args.ts";

export default function command(ctx: Context) {
  return defineCommand({
    args: {
      only: {
        type: "string",
        valueHint: "STEP,…",
        description: "these steps alone: framework, roster, systemd, hooks, gateway, completions",
      },
      profile: {
        type: "string",
        valueHint: "PROFILE",
        description:
          "the roster to start from, where there is none: found (what is installed), or one of fleet init (default: demo)",
      },
      start: { type: "boolean", description: "start the fleet in the end, and verify it" },
      "dry-run": dryRun,
      json,
    },
    async run({ args }) {
      const { runWizard } = await import("../wizard/run.ts");
      return await runWizard(ctx, {
        only: args.only?.split(",").map((step) => step.trim()),
        profile: args.profile,
        start: args.start,
        dryRun: args["dry-run"] === true,
        json: args.json === true,
      });
    },
  });
}
