// Looks at a pane that could not be typed into, and says why.
import type { Context, Database } from "../context.ts";
import { paneTarget } from "../domain/names.ts";
import { explainRefusal } from "../domain/refusal.ts";
import type { Agent } from "../domain/roster.ts";
import { runtimes } from "../domain/runtimes.ts";
import { tmuxArgv } from "../fleet/tmux.ts";
import { typedOf } from "../store/messages.ts";
import type { Delivery } from "./deliver.ts";

export interface Refused {
  socket: string;
  agent: Agent;
  paneId: string;
  /** When this run of the agent began: what was typed into another one is gone. Epoch milliseconds. */
  startedAt: number;
}

/** The same end with the cause that the screen shows by now; unchanged when the pane is gone. One tmux exec. */
export async function explained(
  ctx: Context,
  store: Database,
  { refused, end }: { refused: Refused; end: Delivery },
): Promise<Delivery> {
  const { socket, agent, paneId, startedAt } = refused;
  const target = `${paneTarget(agent.name)}.${paneId}`;
  const facts = ["display-message", "-p", "-t", target, "#{cursor_y} #{pane_title}"];
  const { exitCode, stdout } = await ctx.exec(
    tmuxArgv(socket, facts, ["capture-pane", "-p", "-t", target]),
  );
  const [head = "", ...lines] = stdout.split("\n").map((line) => line.trimEnd());
  const { row, title = "" } = /^(?<row>\d+) (?<title>.*)$/.exec(head)?.groups ?? {};
  if (exitCode !== 0 || row === undefined) return end;
  const screen = { title, lines: withoutEnd(lines), cursorRow: Number(row) };
  const typed = typedOf(store, { agent: agent.name, since: startedAt });
  return { ...end, ...explainRefusal(runtimes[agent.runtime], screen, typed) };
}

function withoutEnd(lines: readonly string[]): string[] {
  return lines.slice(0, lines.findLastIndex((line) => line !== "") + 1);
}
