// mosaic agent send: brings a message to one agent or several.
import { defineCommand } from "citty";
import type { Context } from "../../context.ts";
import { json, optionalAgentName } from "../_args.ts";
import { durationMs } from "../_duration.ts";
import { usageError } from "../../errors.ts";

const command = "mosaic agent send";

export default function commandFor(ctx: Context) {
  return defineCommand({
    args: {
      name: { ...optionalAgentName, description: "the agent" },
      to: { type: "string", valueHint: "NAME,…", description: "several agents" },
      all: { type: "boolean", description: "every agent of the roster" },
      message: { type: "string", alias: "m", valueHint: "TEXT", description: "the message" },
      file: { type: "string", valueHint: "FILE", description: "read the message from a file" },
      "source-label": {
        type: "string",
        alias: "source",
        valueHint: "LABEL",
        description: "who it is from (default: HOST:operator; HOST:NAME inside an agent)",
      },
      key: {
        type: "string",
        valueHint: "KEY",
        description: "the same key is never typed twice into one agent",
      },
      when: {
        type: "string",
        valueHint: "idle|now",
        description: "queue it while the agent works, or leave that to the agent (default: idle)",
      },
      now: { type: "boolean", description: "the same as --when now" },
      wait: {
        type: "string",
        valueHint: "STATUS",
        description: "until it is submitted, accepted or answered",
      },
      timeout: {
        type: "string",
        valueHint: "DURATION",
        description: "how long to wait (default: 30s, 10m for an answer)",
      },
      ttl: {
        type: "string",
        valueHint: "DURATION",
        default: "24h",
        description: "how long it may wait in the queue",
      },
      json,
    },
    async run({ args }) {
      const to = readTargets(args);
      const { waitable } = await import("../../domain/receipt.ts");
      const wait = waitable.find((one) => one === args.wait);
      if (args.wait !== undefined && wait === undefined) {
        throw usageError(`--wait takes ${waitable.join(", ")}`, `${command} --help`);
      }
      const isNow = readWhen(args);
      const rule = { least: "1s", leastMs: 1000, command };
      const timeout = args.timeout ?? (wait === "answered" ? "10m" : "30s");
      const { sendCommand } = await import("../../messages/send.ts");
      return await sendCommand(ctx, {
        to,
        message: args.message,
        file: args.file,
        label: args["source-label"],
        key: args.key,
        isNow,
        wait,
        timeoutMs: durationMs(timeout, { flag: "--timeout", ...rule }) ?? 0,
        ttlMs: durationMs(args.ttl, { flag: "--ttl", ...rule }) ?? 0,
        json: args.json === true,
      });
    },
  });
}

function readWhen({
  when,
  now,
}: {
  when?: string | undefined;
  now?: boolean | undefined;
}): boolean {
  if (when !== undefined && when !== "idle" && when !== "now") {
    throw usageError("--when takes idle or now", `${command} --help`);
  }
  if (when === "idle" && now === true) {
    throw usageError("--now is --when now: not together with --when idle", `${command} --help`);
  }
  return when === "now" || now === true;
}

function readTargets(args: {
  name?: string | undefined;
  to?: string | undefined;
  all?: boolean | undefined;
}): string[] | "all" {
  const given = [args.name, args.to, args.all === true ? "" : undefined];
  if (given.filter((one) => one !== undefined).length !== 1) {
    throw usageError("name one agent, or use --to NAME,NAME or --all", `${command} --help`);
  }
  if (args.all === true) return "all";
  return (args.name ?? args.to ?? "").split(",").map((name) => name.trim());
}
