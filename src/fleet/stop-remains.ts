// Ends what of the fleet lives, by what is there and not by a roster, which may be broken, gone or changed since: units,
// supervisors and sessions with our mark. And says what lives still.
import { AppError } from "../errors.ts";
import type { Context } from "../context.ts";
import { agentUnit, holderUnit } from "../domain/names.ts";
import { agentSessions, livingAgents, type Sessions } from "../domain/sessions.ts";
import { builtinSupervisor } from "../supervisors/builtin/index.ts";
import { holderFiles } from "../supervisors/builtin/protocol.ts";
import { unitsAreOurs } from "../supervisors/systemd/sync.ts";
import { parseLiving, systemctl } from "../supervisors/systemd/systemctl.ts";
import { unitEnvironmentOf } from "../supervisors/systemd/unit-environment.ts";
import { userManagerOf } from "../supervisors/user-manager.ts";
import { loadRoster } from "./load-roster.ts";
import { listPanes } from "./observe.ts";
import { whyKept } from "./kept-server.ts";

/** False when a stop failed, which it says. What could be stopped is stopped all the same. */
export async function stopRemains(ctx: Context): Promise<boolean> {
  const sockets = await knownSockets(ctx);
  const done: boolean[] = [];
  const isOurUnit = await unitsAreOurs(ctx);
  if (isOurUnit) done.push(await attempt(ctx, () => stopUnits(ctx, agentUnit("*"))));
  for (const socket of sockets) done.push(await attempt(ctx, () => stopSessions(ctx, socket)));
  const servers = await Promise.all(
    sockets.map(async (socket) => ({ socket, sessions: await sessionsOn(ctx, socket) })),
  );
  const ending = servers.filter(({ socket, sessions }) => whyKept(socket, sessions) === "");
  // With the unit goes what a person has on its server.
  const isNeeded = servers.some((one) => one.sessions.owner === "ours" && !ending.includes(one));
  if (isOurUnit && !isNeeded) done.push(await attempt(ctx, () => stopUnits(ctx, holderUnit)));
  for (const { socket } of servers) {
    done.push(await attempt(ctx, () => builtinSupervisor(ctx, { socket }).stopHolder()));
  }
  return done.every(Boolean);
}

/** Other sockets than the roster's on which a fleet of this home runs: the roster was changed under it. */
export async function strayFleets(ctx: Context, socket: string): Promise<string[]> {
  const found: string[] = [];
  for (const other of await recordedSockets(ctx)) {
    if (other === socket) continue;
    const isOurs = (await sessionsOn(ctx, other)).owner === "ours";
    if (isOurs || (await isSupervised(ctx, other))) found.push(other);
  }
  return found;
}

/** What of ours still lives, each in words for people. */
export async function remains(ctx: Context): Promise<string[]> {
  const found = await livingUnits(ctx);
  for (const socket of await knownSockets(ctx)) {
    if (await isSupervised(ctx, socket)) found.push(`the supervisor of socket ${socket}`);
    const sessions = await sessionsOn(ctx, socket);
    found.push(...livingAgents(sessions).map((agent) => `the agent ${agent}`));
    if (sessions.owner === "ours") found.push(`the tmux server on socket ${socket}`);
  }
  return found;
}

/** Units of ours that run, in words; none where there is no user manager, or when they are another home's. */
export async function livingUnits(ctx: Context): Promise<string[]> {
  if (!(await unitsAreOurs(ctx))) return [];
  const listing = ["list-units", "--all", "--plain", "--no-legend", "--no-pager", "--"];
  const units = await systemctl(ctx, ...listing, agentUnit("*"), holderUnit);
  return parseLiving(units.stdout).map((unit) => `the unit ${unit}`);
}

async function isSupervised(ctx: Context, socket: string): Promise<boolean> {
  const { lock } = holderFiles(ctx.paths, socket);
  // Trying makes the file.
  if ((await ctx.files.stat(lock)) === undefined) return false;
  using held = await ctx.files.tryLock(lock);
  return held === undefined;
}

/** Names of the files that supervisors leave in the state folder, `fleet-SOCKET.…`. */
export const supervisorFilePattern = /^fleet-(.+)\.(?:json|lock|sock|waiting)$/;

/** Every tmux socket on which a fleet of ours may run: of the roster, the units, the supervisors and the agents. */
async function knownSockets(ctx: Context): Promise<string[]> {
  const { state } = ctx.paths;
  const found = new Set(await recordedSockets(ctx));
  await orNothing(async () => found.add((await loadRoster(ctx)).socket));
  for (const agent of await ctx.files.list(`${state}/agents`)) {
    const launch = await ctx.files.readText(`${state}/agents/${agent}/launch.sh`);
    const socket = /^socket='([^']+)'$/m.exec(launch ?? "")?.[1];
    if (socket !== undefined) found.add(socket);
  }
  return [...found].toSorted();
}

/** The sockets that our units and our supervisors name. */
async function recordedSockets(ctx: Context): Promise<string[]> {
  const { state, systemdUser } = ctx.paths;
  const found = (await ctx.files.list(state)).map((name) => supervisorFilePattern.exec(name)?.[1]);
  if (await unitsAreOurs(ctx)) {
    const text = await ctx.files.readText(`${systemdUser}/${holderUnit}`);
    found.push(unitEnvironmentOf(text ?? "").get("MOSAIC_SOCKET"));
  }
  return [...new Set(found.filter((socket) => socket !== undefined))];
}

/** None where there is no tmux. */
async function sessionsOn(ctx: Context, socket: string): Promise<Sessions> {
  let sessions: Sessions = { owner: "none", panes: [] };
  await orNothing(async () => (sessions = await listPanes(ctx, socket)));
  return sessions;
}

/** A broken or missing roster must not keep anybody from uninstalling. */
async function orNothing(work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
  }
}

/** Exit status of systemctl for a unit that is not loaded (systemctl(1)). */
const notLoaded = 5;

async function stopUnits(ctx: Context, pattern: string): Promise<void> {
  const done = await systemctl(ctx, "stop", "--", pattern);
  if (done.exitCode === 0 || done.exitCode === notLoaded) return;
  if (userManagerOf(done) !== "running") return;
  throw new AppError(`systemctl --user stop ${pattern} failed: ${done.stderr.trim()}`);
}

/** Through the supervisor when one runs, else by the script. */
async function stopSessions(ctx: Context, socket: string): Promise<void> {
  const names = agentSessions(await sessionsOn(ctx, socket));
  if (names.length === 0) return;
  const outcomes = await builtinSupervisor(ctx, { socket }).stop(names, () => undefined);
  const failed = outcomes.filter(({ result }) => result === "failed");
  if (failed.length === 0) return;
  throw new AppError(failed.map(({ name, reason }) => `${name}: ${reason}`).join("; "));
}

/** Whether it worked; says so when not. */
async function attempt(ctx: Context, work: () => Promise<void>): Promise<boolean> {
  try {
    await work();
    return true;
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    ctx.io.err(`not stopped: ${error.message}\n`);
    return false;
  }
}
