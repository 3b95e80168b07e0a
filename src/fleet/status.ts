// `mosaic fleet status` and `mosaic agent status [NAME]`: both from one observation.
import { exitCodes } from "../errors.ts";
import type { Context } from "../context.ts";
import { roughDuration } from "../domain/duration.ts";
import type { Candidate, Judged } from "../domain/activity.ts";
import { formatTable } from "../domain/table.ts";
import type { Roster } from "../domain/roster.ts";
import { explainQueue } from "./explain-queue.ts";
import { loadRoster, pickAgents } from "./load-roster.ts";
import { observeFleet, type Observation, type ObservedAgent } from "./observe.ts";

/** Exit code 0 when every agent of the roster runs and is supervised, else 3. */
export async function fleetStatus(ctx: Context, { json }: { json: boolean }): Promise<number> {
  const roster = await loadRoster(ctx);
  const seen = await observeFleet(ctx, { roster, agents: roster.agents, doing: true });
  if (json) printJson(ctx, { roster, seen });
  else {
    ctx.io.out(
      `fleet on socket ${roster.socket}, supervisor ${seen.supervisor}, tmux server ${serverWord(seen)}\n\n`,
    );
    printTable(ctx, seen);
    printStrays(ctx, seen);
  }
  return exitCodeOf(seen);
}

/** Exit code 0 when the agent (all of them without a name) runs and is supervised, else 3. */
export async function agentStatus(
  ctx: Context,
  options: { name: string | undefined; json: boolean; explain: boolean },
): Promise<number> {
  const { name, json } = options;
  const roster = await loadRoster(ctx);
  const agents = pickAgents(roster, name === undefined ? [] : [name]);
  const seen = await observeFleet(ctx, { roster, agents, doing: true });
  if (json) printJson(ctx, { roster, seen });
  else printTable(ctx, seen);
  if (options.explain && !json) await explain(ctx, seen);
  return exitCodeOf(seen);
}

function exitCodeOf(seen: Observation): number {
  // One that runs unsupervised, or whose supervisor hangs, is degraded: nothing will restart it.
  const isUp = seen.agents.every(
    ({ state, supervised }) => state === "running" && supervised?.state === "running",
  );
  return isUp ? exitCodes.ok : exitCodes.notRunning;
}

function serverWord(seen: Observation): string {
  return { none: "not running", ours: "running", foreign: "NOT OURS" }[seen.server];
}

function printTable(ctx: Context, seen: Observation): void {
  const now = ctx.clock.now();
  const rows = seen.agents.map((one) => [
    one.agent.name,
    one.agent.runtime,
    wordOf(one),
    isDoing(one) ? one.doing.source : one.source,
    one.pane === undefined || one.pane.isDead ? "-" : String(one.pane.panePid),
    sinceOf(one, now),
    String(one.supervised?.restarts ?? 0),
    one.reason || (isDoing(one) ? one.doing.detail : ""),
  ]);
  const headers = ["AGENT", "RUNTIME", "STATE", "SOURCE", "PID", "SINCE", "RESTARTS", ""];
  ctx.io.out(
    formatTable({
      headers,
      rows,
      columns: ctx.io.stdoutIsTty ? ctx.io.columns : Number.POSITIVE_INFINITY,
    }),
  );
}

type Doing = ObservedAgent & { doing: Judged };

function isDoing(one: ObservedAgent): one is Doing {
  return one.state === "running" && one.doing !== undefined;
}

/** What a running agent does says more than that it runs. */
function wordOf(one: ObservedAgent): string {
  return isDoing(one) ? one.doing.activity : one.state;
}

/** Every source's word on what an agent does, and which one counts. */
async function explain(ctx: Context, seen: Observation): Promise<void> {
  const now = ctx.clock.now();
  for (const one of seen.agents) {
    explainOne(ctx, one, now);
    const { agent, pane } = one;
    const queue = { agent: agent.name, since: pane?.isDead === false ? pane.createdAt : undefined };
    const lines = await explainQueue(ctx, queue);
    if (lines.length > 0) ctx.io.out(`\n${lines.join("\n")}\n`);
  }
}

function explainOne(ctx: Context, one: ObservedAgent, now: number): void {
  if (!isDoing(one)) {
    ctx.io.out(`\n${one.agent.name}: ${one.state}, from its ${one.source}\n`);
    return;
  }
  const { doing } = one;
  const rows = doing.candidates.map((candidate) => [
    candidate.source === doing.source ? "*" : "",
    candidate.source,
    candidate.activity,
    roughDuration(now - candidate.at),
    candidate.evidence,
  ]);
  const headers = ["", "SOURCE", "SAYS", "AGE", "EVIDENCE"];
  const table = formatTable({ headers, rows, columns: Number.POSITIVE_INFINITY });
  ctx.io.out(`\n${one.agent.name}: ${doing.activity} (${doing.evidence})\n\n${table}`);
}

function sinceOf(one: ObservedAgent, now: number): string {
  const at =
    one.pane !== undefined && !one.pane.isDead
      ? one.pane.createdAt
      : (one.supervised?.sinceMs ?? 0);
  return at === 0 ? "-" : roughDuration(now - at);
}

function printStrays(ctx: Context, seen: Observation): void {
  for (const pane of seen.orphans) {
    ctx.io.out(
      `\n${pane.agent} runs but is not in the roster\n  hint: mosaic fleet stop ${pane.agent}\n`,
    );
  }
  if (seen.foreignSessions.length > 0) {
    ctx.io.out(`\nsessions on this socket that are not ours: ${seen.foreignSessions.join(", ")}\n`);
  }
}

/** One agent as scripts and the gateway's API read it. */
export function agentJson(one: ObservedAgent) {
  return {
    name: one.agent.name,
    runtime: one.agent.runtime,
    state: one.state,
    source: one.source,
    activity: isDoing(one) ? activityJson(one.doing) : null,
    reason: one.reason,
    pid: one.pane === undefined || one.pane.isDead ? null : one.pane.panePid,
    pane: one.pane?.paneId ?? null,
    attached: one.pane?.isAttached ?? false,
    startedAt: one.pane === undefined ? null : one.pane.createdAt,
    supervised: one.supervised?.state ?? null,
    restarts: one.supervised?.restarts ?? 0,
  };
}

function activityJson({ candidates, ...judged }: Judged) {
  return { ...candidateJson(judged), candidates: candidates.map(candidateJson) };
}

function candidateJson({ at, ...rest }: Candidate) {
  return { ...rest, at: new Date(at).toISOString() };
}

function printJson(ctx: Context, { roster, seen }: { roster: Roster; seen: Observation }): void {
  const agents = seen.agents.map(agentJson);
  const orphans = seen.orphans.map((pane) => pane.agent);
  const { supervisor, server, foreignSessions } = seen;
  const document = {
    schemaVersion: 1,
    socket: roster.socket,
    supervisor,
    server,
    agents,
    orphans,
    foreignSessions,
  };
  ctx.io.out(`${JSON.stringify(document, null, 2)}\n`);
}
