// What start-agent-session.sh left when the pane of an agent ended.
import type { Context } from "../context.ts";
import { causeLine } from "../domain/cause-line.ts";
import { agentFiles } from "../domain/names.ts";
import { configReason } from "../domain/restart-policy.ts";

const endReasons = ["clean", "crash", "config", "stopped", "lost"] as const;

export type EndReason = (typeof endReasons)[number];

export interface BlackBox {
  /** Epoch seconds. */
  startedAt: number;
  endedAt: number;
  /** 0-255 as a shell gives it; undefined when nobody could tell. */
  status: number | undefined;
  /** Such as KILL; empty when the runtime exited by itself. */
  signal: string;
  reason: EndReason;
  /** The last screen, without trailing blank lines. */
  screen: string[];
}

/** undefined when the agent never ended here. */
export async function readBlackBox(ctx: Context, agent: string): Promise<BlackBox | undefined> {
  const files = agentFiles(ctx.paths, agent);
  const text = await ctx.files.readText(files.blackBox);
  if (text === undefined) return undefined;
  const values = new Map(text.split("\n").map((line) => splitOnce(line)));
  const status = values.get("status") ?? "";
  return {
    startedAt: Number(values.get("started_at") ?? 0),
    endedAt: Number(values.get("ended_at") ?? 0),
    status: status === "" ? undefined : Number(status),
    signal: values.get("signal") ?? "",
    reason: endReasons.find((reason) => reason === values.get("reason")) ?? "lost",
    screen: trimScreen((await ctx.files.readText(files.lastScreen)) ?? ""),
  };
}

/** Why the last start came to nothing before there was a pane; undefined when it did not. */
export async function readStartFault(ctx: Context, agent: string): Promise<string | undefined> {
  return (await ctx.files.readText(`${agentFiles(ctx.paths, agent).dir}/fault`))?.trim();
}

/** Why a start that began at this time failed: no pane at all, or the end of the one it made; undefined when unknown. */
export async function whyStartFailed(
  ctx: Context,
  { agent, beganMs }: { agent: string; beganMs: number },
): Promise<string | undefined> {
  const fault = await readStartFault(ctx, agent);
  if (fault !== undefined) return fault;
  const box = await readBlackBox(ctx, agent);
  // The box counts whole seconds.
  return box !== undefined && box.endedAt * 1000 >= beganMs - 1000 ? endOf(box) : undefined;
}

/** One line for people: how it ended, and what it said of that. */
export function endOf(box: BlackBox): string {
  const seconds = Math.max(0, box.endedAt - box.startedAt);
  const cause = causeLine(box.screen);
  return `${howItEnded(box)} after ${seconds} s${cause === undefined ? "" : `: ${cause.slice(0, 120)}`}`;
}

/** Such as `killed by SIGKILL` or `exit 1`. */
export function howItEnded(box: Pick<BlackBox, "status" | "signal" | "reason">): string {
  if (box.reason === "stopped") return "stopped by mosaic";
  if (box.reason === "lost") return "its tmux session was ended from outside";
  if (box.signal !== "") return `killed by SIG${box.signal}`;
  if (box.reason === "config") return configReason;
  return box.status === undefined ? "ended for an unknown reason" : `exit ${box.status}`;
}

function splitOnce(line: string): [string, string] {
  const at = line.indexOf("=");
  return at < 0 ? [line, ""] : [line.slice(0, at), line.slice(at + 1)];
}

/** Without tmux's own line about the dead pane, and without blank lines around the rest. */
function trimScreen(text: string): string[] {
  const lines = text.split("\n").map((line) => line.trimEnd());
  const kept = lines.filter((line) => !line.startsWith("Pane is dead ("));
  const last = kept.findLastIndex((line) => line !== "");
  const first = kept.findIndex((line) => line !== "");
  return first < 0 ? [] : kept.slice(first, last + 1);
}
