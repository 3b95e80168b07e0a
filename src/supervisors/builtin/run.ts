// `mosaic fleet run`: the builtin supervisor in the foreground, fit for a container's entry point. Here it comes up;
// how it ends is in ending.ts. After SIGKILL the agents live on, and the next one adopts them.
import type { Context } from "../../context.ts";
import { exitCodes, AppError, usageError } from "../../errors.ts";
import type { Agent, Roster } from "../../domain/roster.ts";
import { ensureFramework } from "../../fleet/framework.ts";
import { loadRoster, pickAgents } from "../../fleet/load-roster.ts";
import { livingAgents } from "../../domain/sessions.ts";
import { listPanes } from "../../fleet/observe.ts";
import { renderLaunchFiles } from "../../fleet/render.ts";
import { superviseAgents } from "./agents.ts";
import { cleanEnv } from "../clean-env.ts";
import { readContact } from "./client.ts";
import { controlHandler } from "./control.ts";
import { endFleet, type Ending, untilAllFailed, untilOrder } from "./ending.ts";
import { detachLeftovers } from "./leftovers.ts";
import type { Agents } from "./managed.ts";
import { reapOrphans } from "./orphans.ts";
import { prepareAgents } from "./prepare.ts";
import { keepQueues } from "./queues.ts";
import { type Contact, type HolderFiles, holderFiles, maxSocketPathBytes } from "./protocol.ts";
import { keepTmuxServer, type TmuxServer } from "./tmux-server.ts";
import { keepWaiting, readWaiting } from "./waiting.ts";

export interface RunOptions {
  /** The agents to start; all of the roster when empty. */
  names: readonly string[];
  /** Start none, only adopt those that live, and wait for orders: what `fleet start` puts into the background. */
  adoptOnly?: boolean;
}

/**
 * Supervises until a signal or an order ends it: exit code 0 then. Throws AppError: exit 1 when every agent has failed
 * for good (so that a container's own restart policy learns of it), when tmux is missing or its server can't be kept
 * alive; 2 for the roster; 4 when the tmux server is not ours; 75 when a supervisor runs already.
 */
export async function runFleet(ctx: Context, options: RunOptions): Promise<number> {
  const roster = await loadRoster(ctx);
  const wanted = options.adoptOnly === true ? [] : pickAgents(roster, options.names);
  const files = holderFiles(ctx.paths, roster.socket);
  checkSocketPath(files.socket);
  using lock = await ctx.files.tryLock(files.lock);
  if (lock === undefined) throw await alreadyRuns(ctx, roster.socket);
  // From here on a signal is an order and not our death.
  const ordered = untilOrder(ctx);
  await ensureFramework(ctx);
  const report = (line: string): void => ctx.io.err(`${line}\n`);
  const env = { ...cleanEnv(ctx.env, ctx.paths), MOSAIC_SUPERVISOR: "builtin" };
  const server = await keepTmuxServer(ctx, { socket: roster.socket, env, report });
  const agents = superviseAgents(ctx, {
    socket: roster.socket,
    env: { ...env, ...ownBinary(ctx) },
    serverReady: () => server.ready(),
    sessionLost: () => server.look(),
    report,
  });
  const isResumed = await unfinishedBusiness(ctx, { roster, server, report });
  const begin = roster.agents.filter((agent) => isResumed(agent) || wanted.includes(agent));
  await renderLaunchFiles(ctx, { roster, agents: begin });
  await prepareAgents(ctx, begin);
  const fleet = { roster, agents, server };
  const start = async (agent: Agent): Promise<void> => {
    try {
      await agents.start(agent, { isFresh: !isResumed(agent) });
    } catch (error) {
      // It concerns one agent; the others, and who asks for it later, still need a supervisor.
      report(`${agent.name}: ${error instanceof Error ? error.message : String(error)}`);
    }
  };
  return await serveUntil(ctx, { ...fleet, files, ordered, isTold: wanted.length > 0 }, () =>
    begin.map(start),
  );
}

interface Fleet {
  roster: Roster;
  agents: Agents;
  server: TmuxServer;
  files: HolderFiles;
  /** By a signal. */
  ordered: Promise<Ending>;
  /** Somebody told us which agents to run, so there is no point in staying when all of them failed. */
  isTold: boolean;
}

async function serveUntil(
  ctx: Context,
  fleet: Fleet,
  begin: () => Promise<unknown>[],
): Promise<number> {
  const { agents, server, files, roster } = fleet;
  const { pid, version } = ctx.host;
  const shutDown = Promise.withResolvers<Ending>();
  const handler = controlHandler(ctx, { agents, shutDown: () => shutDown.resolve("stop") });
  const control = await ctx.sockets.serve(files.socket, handler);
  const reaping = new AbortController();
  void reapOrphans(ctx, reaping.signal);
  void keepQueues(ctx, reaping.signal);
  try {
    const contact: Contact = { pid, version, socket: files.socket };
    await ctx.files.write(files.contact, JSON.stringify(contact), 0o600);
    ctx.io.err(
      `supervising the fleet on socket ${roster.socket} (pid ${pid}, mosaic ${version})\n`,
    );
    const started = Promise.all(begin());
    await keepWaiting(ctx, roster.socket, []);
    const endings = [fleet.ordered, shutDown.promise, server.broken];
    if (fleet.isTold) endings.push(started.then(() => untilAllFailed(agents)));
    const ending = await Promise.race(endings);
    return await endFleet(ctx, { ...fleet, ending });
  } finally {
    reaping.abort();
    await ctx.files.remove(files.contact);
    await control.close();
    await ctx.files.remove(files.socket);
  }
}

/**
 * Agents that a supervisor before us left alive or waiting, or whose script it left behind: they go on without being
 * asked for.
 */
async function unfinishedBusiness(
  ctx: Context,
  { roster, server, report }: Pick<Fleet, "roster" | "server"> & { report: (line: string) => void },
): Promise<(agent: Agent) => boolean> {
  const { socket } = roster;
  const left = new Set([...(await detachLeftovers(ctx)), ...(await readWaiting(ctx, socket))]);
  if (!server.isNew) {
    for (const agent of livingAgents(await listPanes(ctx, socket))) left.add(agent);
  }
  for (const { name } of roster.agents) {
    if (left.has(name)) report(`${name}: taken over from the supervisor before`);
  }
  return ({ name }) => left.has(name);
}

/** For the script, which renders a launch file that is older than the roster; in development there is no binary. */
function ownBinary({ paths }: Context): Record<string, string> {
  return paths.self.length === 1 ? { MOSAIC_BIN: paths.executable } : {};
}

async function alreadyRuns(ctx: Context, socket: string): Promise<AppError> {
  const contact = await readContact(ctx, socket);
  const pid = contact === undefined ? "" : ` (pid ${contact.pid})`;
  return new AppError(`a supervisor runs the fleet on socket ${socket} already${pid}`, {
    exitCode: exitCodes.busy,
    hint: "mosaic fleet status",
  });
}

function checkSocketPath(path: string): void {
  if (Buffer.byteLength(path) <= maxSocketPathBytes) return;
  throw usageError(
    `the path of the control socket has more than ${maxSocketPathBytes} bytes: ${path}`,
    "export XDG_RUNTIME_DIR=/run/user/$(id -u)",
  );
}
