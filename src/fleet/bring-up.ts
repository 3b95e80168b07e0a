// What start and restart share: idempotent; what cannot start is said per agent, and the others start.
import type { Context } from "../context.ts";
import { agentFiles } from "../domain/names.ts";
import type { Agent, Roster } from "../domain/roster.ts";
import type { SupervisedAgent } from "../domain/agent-state.ts";
import { agentSessions } from "../domain/sessions.ts";
import { refuseForLeft } from "../messages/left-roster.ts";
import { startDelivery } from "../messages/background.ts";
import { queueLength } from "../store/messages.ts";
import { findStore } from "../store/store.ts";
import { AppError, formatError } from "../errors.ts";
import { failed } from "../supervisors/outcome.ts";
import type { AgentOutcome, Supervisor } from "../supervisors/supervisor.ts";
import { endOf, readBlackBox } from "./black-box.ts";
import { checkAgent } from "./check-agent.ts";
import { ensureFramework } from "./framework.ts";
import { loadRoster, pickAgents } from "./load-roster.ts";
import { listPanes } from "./observe.ts";
import { openSupervisor } from "./open-supervisor.ts";
import { outcomeTeller } from "./outcomes.ts";
import { refuseForeignUnits, refuseStrays } from "./refusals.ts";
import { renderLaunchFiles } from "./render.ts";
import { agentSearchPath } from "./search-path.ts";

export interface FleetOptions {
  /** All agents of the roster when empty. */
  names: readonly string[];
  json: boolean;
  /** By agent, the runtime's id of the conversation to go on with; a new one for all others. */
  resume?: ReadonlyMap<string, string>;
}

type Act = (
  supervisor: Supervisor,
  names: readonly string[],
  told: (outcome: AgentOutcome) => void,
) => Promise<AgentOutcome[]>;

/** Checks, renders, makes sure of the tmux server, then acts. Exit code 1 when any agent failed. */
export async function bringUp(
  ctx: Context,
  options: FleetOptions,
  { verb, act }: { verb: string; act: Act },
): Promise<number> {
  const roster = await loadRoster(ctx);
  const agents = pickAgents(roster, options.names);
  const supervisor = await openSupervisor(ctx, roster);
  await refuseForeignUnits(ctx, supervisor.kind);
  await refuseStrays(ctx, roster.socket);
  await ensureFramework(ctx);
  const teller = outcomeTeller(ctx, {
    json: options.json,
    names: agents.map((agent) => agent.name),
    verb,
  });
  const searchPath = await agentSearchPath(ctx, supervisor.kind);
  const { fit, unfit } = await sortOut(ctx, { agents, searchPath });
  unfit.forEach(teller.told);
  teller.begin();
  // Neither needs the other, and both wait for something else: the disk, and another process.
  // Settled, so that nothing is still being written while an error is told.
  const prepared = await Promise.allSettled([
    supervisor.ensureHolder(),
    prepareLaunch(ctx, { roster, agents: fit, resume: options.resume }),
  ]);
  for (const one of prepared) if (one.status === "rejected") throw one.reason;
  warnOfLimits(ctx, { agents: fit, kind: supervisor.kind });
  const names = fit.map((agent) => agent.name);
  const outcomes = await act(supervisor, names, teller.told);
  for (const outcome of await endedSince(ctx, { supervisor, outcomes })) teller.told(outcome);
  await deliverWhatWaits(ctx, names);
  await tellOfLeft(ctx, roster);
  return teller.done();
}

/** Nobody else looks at what the roster no longer names. */
async function tellOfLeft(ctx: Context, roster: Roster): Promise<void> {
  const known = new Set(roster.agents.map(({ name }) => name));
  const running = agentSessions(await listPanes(ctx, roster.socket));
  for (const name of running.filter((one) => !known.has(one))) {
    ctx.io.err(
      `mosaic: ${name} runs but is not in the roster\n  hint: mosaic fleet stop ${name}\n`,
    );
  }
  for (const name of await refuseForLeft(ctx, roster)) {
    ctx.io.err(`mosaic: what waited for ${name} is refused: it is not in the roster\n`);
  }
}

/** What came while they were down, or before a reboot. They run: a store that cannot be read does not change that. */
async function deliverWhatWaits(ctx: Context, names: readonly string[]): Promise<void> {
  try {
    using store = await findStore(ctx);
    if (store === undefined) return;
    for (const name of names) if (queueLength(store, name) > 0) startDelivery(ctx, name);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    ctx.io.err(formatError(error));
  }
}

async function prepareLaunch(
  ctx: Context,
  options: { roster: Roster; agents: readonly Agent[]; resume: FleetOptions["resume"] },
): Promise<void> {
  for (const { name } of options.agents) {
    const { resume } = agentFiles(ctx.paths, name);
    const session = options.resume?.get(name);
    if (session === undefined) await ctx.files.remove(resume);
    else await ctx.files.write(resume, session, 0o600);
  }
  await renderLaunchFiles(ctx, options);
}

/** A second look: an agent that ended right after its start is no success. */
async function endedSince(
  ctx: Context,
  { supervisor, outcomes }: { supervisor: Supervisor; outcomes: readonly AgentOutcome[] },
): Promise<AgentOutcome[]> {
  const up = outcomes.filter(({ result }) => result !== "failed").map(({ name }) => name);
  const states = up.length === 0 ? new Map<string, SupervisedAgent>() : await supervisor.states(up);
  const ended: AgentOutcome[] = [];
  for (const name of up) {
    const now = states.get(name);
    if (now?.state !== "failed" && now?.state !== "backoff") continue;
    const box = await readBlackBox(ctx, name);
    const reason = box === undefined ? now.reason : endOf(box);
    ended.push(failed(name, { reason, tookMs: 0 }));
  }
  return ended;
}

/** A limit that is not kept must not look as if it were. */
function warnOfLimits(
  ctx: Context,
  { agents, kind }: { agents: readonly Agent[]; kind: Supervisor["kind"] },
): void {
  if (kind === "systemd") return;
  const limited = agents.filter(({ limits }) => Object.keys(limits).length > 0);
  if (limited.length === 0) return;
  const names = limited.map(({ name }) => name).join(", ");
  ctx.io.err(`mosaic: the builtin supervisor keeps no limits; ignored for ${names}\n`);
}

/** Agents whose workdir, envFile or runtime is missing are told before anything is started. */
async function sortOut(
  ctx: Context,
  { agents, searchPath }: { agents: readonly Agent[]; searchPath: string },
): Promise<{ fit: Agent[]; unfit: AgentOutcome[] }> {
  const fit: Agent[] = [];
  const unfit: AgentOutcome[] = [];
  for (const agent of agents) {
    const [fault] = await checkAgent(ctx, agent, { searchPath });
    if (fault === undefined) fit.push(agent);
    else
      unfit.push({
        name: agent.name,
        result: "failed",
        reason: fault.message,
        hint: fault.hint,
        tookMs: 0,
      });
  }
  return { fit, unfit };
}
