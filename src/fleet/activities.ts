// What running agents do just now: their last reports, and one look at all their screens (a second one at those that
// contradict, since a screen may be half drawn).
import type { Context, Database } from "../context.ts";
import { type Candidate, judge, type Judged, readScreen, type Screen } from "../domain/activity.ts";
import { roughDuration } from "../domain/duration.ts";
import { paneTarget } from "../domain/names.ts";
import type { Agent } from "../domain/roster.ts";
import { AppError, formatError } from "../errors.ts";
import { hasSpool } from "../domain/launch.ts";
import { runtimes } from "../domain/runtimes.ts";
import { isSpoolUp } from "../messages/spool.ts";
import { lastReport } from "../store/reports.ts";
import { findStore } from "../store/store.ts";
import { tmuxArgv } from "./tmux.ts";

/** Between two looks at a screen that says another thing than the agent. */
const againMs = 150;

/** tmux 3.3a refuses a command line of 16 KB; one agent takes 200 bytes of it at most. */
const screensPerCall = 50;

/** In front of what each pane shows; no program prints it. */
const mark = "\u001Fmosaic ";

/** An agent that shows no composer after this is not starting any more. */
const drawMs = 30_000;

/** Nor is one whose extension has not said by then that it takes messages. opencode on a busy machine took 54 s. */
const extensionMs = 120_000;

/** An agent with a living pane. */
export interface LivingAgent {
  agent: Agent;
  /** Epoch milliseconds. */
  startedAt: number;
  paneId: string;
  instance: string;
}

/** By name; who is missing tells nothing of what it does. One tmux exec, or two. */
export async function lookAtActivities(
  ctx: Context,
  socket: string,
  living: readonly LivingAgent[],
): Promise<Map<string, Judged>> {
  const first = await judgeAll(ctx, socket, living);
  const unsure = living.filter(({ agent }) => isUnsure(first.get(agent.name)));
  if (unsure.length === 0) return first;
  await ctx.clock.sleep(againMs);
  const second = await judgeAll(ctx, socket, unsure);
  for (const { agent } of unsure) {
    const [then, now] = [first.get(agent.name), second.get(agent.name)];
    const agrees = then?.activity === now?.activity;
    if (now !== undefined) first.set(agent.name, agrees ? now : changing(now));
  }
  return first;
}

/** Whether one that says nothing of itself after such a time may be starting still. Somebody may have set the clock. */
export function mayStart(agent: Agent, ageMs: number): boolean {
  return Math.abs(ageMs) < (hasSpool(agent) ? extensionMs : drawMs);
}

/** What a screen says against a report, or alone of an agent at rest, it has to say twice. */
function isUnsure(judged: Judged | undefined): boolean {
  return judged?.source === "screen" && judged.activity !== "working";
}

/** A screen that says one thing now and said another one just before is being drawn; in doubt an agent works. */
function changing(judged: Judged): Judged {
  if (judged.source === "hook" || judged.activity === "waiting") return judged;
  return { ...judged, activity: "working", evidence: "its screen changes" };
}

async function judgeAll(
  ctx: Context,
  socket: string,
  living: readonly LivingAgent[],
): Promise<Map<string, Judged>> {
  const screens = await captureAll(ctx, socket, living);
  using store = await findOrTell(ctx);
  const now = ctx.clock.now();
  const judged = new Map<string, Judged>();
  for (const { agent, instance, startedAt } of living) {
    const { name } = agent;
    const report = store === undefined ? undefined : lastReport(store, { agent: name, instance });
    const hook = report === undefined ? undefined : candidateOf(report, now);
    const screen = screens.get(name);
    const seen = screen && readScreen(runtimes[agent.runtime], screen, now);
    // What it has drawn by now may take nothing yet, as long as its extension is silent: of its first report, and of the spool.
    const isSilent = hasSpool(agent) && hook === undefined && mayStart(agent, now - startedAt);
    const isDeaf = isSilent && !(await isSpoolUp(ctx, { agent: name, instance }));
    const shown = isDeaf && seen?.activity !== "waiting" ? undefined : seen;
    const verdict = judge(hook, shown, runtimes[agent.runtime].endsSilently);
    if (verdict !== undefined) judged.set(name, verdict);
  }
  return judged;
}

/** Without the store the screens tell alone. */
async function findOrTell(ctx: Context): Promise<Database | undefined> {
  try {
    return await findStore(ctx);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    ctx.io.err(
      `mosaic: what agents reported cannot be read: ${formatError(error).slice("mosaic: ".length)}`,
    );
    return undefined;
  }
}

function candidateOf(report: NonNullable<ReturnType<typeof lastReport>>, now: number): Candidate {
  const { activity, detail, reportedAt: at } = report;
  const evidence = `it reported so ${roughDuration(now - at)} ago`;
  return { activity, source: "hook", at, detail, evidence };
}

/** The screens of those whose runtime's screen tells something. One that is gone by now ends the answer. */
async function captureAll(
  ctx: Context,
  socket: string,
  living: readonly LivingAgent[],
): Promise<Map<string, Screen>> {
  const telling = living.filter(({ agent }) => {
    const { workingPattern, questionPattern } = runtimes[agent.runtime];
    return workingPattern !== "" || questionPattern !== "";
  });
  if (telling.length === 0) return new Map();
  const screens = new Map<string, Screen>();
  for (let from = 0; from < telling.length; from += screensPerCall) {
    const part = telling.slice(from, from + screensPerCall);
    for (const [name, screen] of await capturePart(ctx, socket, part)) screens.set(name, screen);
  }
  return screens;
}

async function capturePart(
  ctx: Context,
  socket: string,
  living: readonly LivingAgent[],
): Promise<[string, Screen][]> {
  const commands = living.flatMap(({ agent, paneId }) => {
    const target = `${paneTarget(agent.name)}.${paneId}`;
    const title = ["display-message", "-p", "-t", target, `${mark}${agent.name} #{pane_title}`];
    return [title, ["capture-pane", "-p", "-J", "-t", target]];
  });
  const { stdout } = await ctx.exec(tmuxArgv(socket, ...commands));
  const parts = stdout.split(mark).slice(1);
  return parts.map(screenOf);
}

function screenOf(part: string): [string, Screen] {
  const [head = "", ...rows] = part.split("\n").map((line) => line.trimEnd());
  const [name = "", ...title] = head.split(" ");
  const lines = rows.slice(0, rows.findLastIndex((line) => line !== "") + 1);
  return [name, { title: title.join(" "), lines }];
}
