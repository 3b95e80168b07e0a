// What an agent does just now, from its last report and one or two looks at its pane.
import type { Context } from "../context.ts";
import { type Candidate, judge, type Judged, readScreen } from "../domain/activity.ts";
import { roughDuration } from "../domain/duration.ts";
import type { Agent } from "../domain/roster.ts";
import { runtimes } from "../domain/runtimes.ts";
import { lookAtPane } from "../fleet/own-pane.ts";
import { lastReport } from "../store/reports.ts";
import { findStore } from "../store/store.ts";

/** Between two looks at a screen that says another thing than the agent. */
const againMs = 150;

/** undefined: it has no living pane. `judged` is undefined when nothing tells what it does. */
export interface AgentActivity {
  instance: string;
  judged: Judged | undefined;
}

/** Two or four execs. Throws AppError, exit 4, when the session is not one of ours. */
export async function lookAtActivity(
  ctx: Context,
  { socket, agent }: { socket: string; agent: Agent },
): Promise<AgentActivity | undefined> {
  const first = await lookOnce(ctx, { socket, agent });
  if (first === undefined) return undefined;
  const { screen, instance } = first;
  const hook = await reportedActivity(ctx, { agent: agent.name, instance });
  const judged = judge(hook, screen);
  // What a screen says against a report, or alone of an agent at rest, it has to say twice.
  const isSure = judged === undefined || judged.source === "hook" || judged.activity === "working";
  if (isSure) return { instance, judged };
  await ctx.clock.sleep(againMs);
  const second = await lookOnce(ctx, { socket, agent });
  if (second === undefined) return undefined;
  const later = await reportedActivity(ctx, { agent: agent.name, instance: second.instance });
  const agrees = second.screen?.activity === judged.activity;
  const screenNow = agrees ? second.screen : workingFor(second.screen, ctx.clock.now());
  return { instance: second.instance, judged: judge(later, screenNow) };
}

/** The agent's own word; undefined when this run has said nothing. */
export async function reportedActivity(
  ctx: Context,
  { agent, instance }: { agent: string; instance: string },
): Promise<Candidate | undefined> {
  using store = await findStore(ctx);
  const report = store === undefined ? undefined : lastReport(store, { agent, instance });
  if (report === undefined) return undefined;
  const { activity, detail, reportedAt: at } = report;
  const age = roughDuration(ctx.clock.now() - at);
  return { activity, source: "hook", at, detail, evidence: `it reported so ${age} ago` };
}

async function lookOnce(
  ctx: Context,
  { socket, agent }: { socket: string; agent: Agent },
): Promise<{ instance: string; screen: Candidate | undefined } | undefined> {
  const pane = await lookAtPane(ctx, { socket, agent: agent.name, historyLines: 0 });
  if (pane === undefined || pane.isDead) return undefined;
  const screen = readScreen(runtimes[agent.runtime], pane, ctx.clock.now());
  return { instance: pane.instance, screen };
}

/** A screen that says one thing now and another one then is being drawn. */
function workingFor(screen: Candidate | undefined, at: number): Candidate | undefined {
  if (screen === undefined) return undefined;
  return {
    activity: screen.activity === "waiting" ? "waiting" : "working",
    source: "screen",
    at,
    detail: screen.detail,
    evidence: "its screen changes",
  };
}
