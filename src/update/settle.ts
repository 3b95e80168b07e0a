// `mosaic settle`, run by the version that an update has just put in use: brings what lies outside of the executable up
// to it, and restarts what must restart. Agents are not touched: they are children of the tmux server.
import type { Context } from "../context.ts";
import { agentUnitTemplate } from "../domain/names.ts";
import type { Roster } from "../domain/roster.ts";
import { AppError, exitCodes } from "../errors.ts";
import { settleGateway } from "./settle-gateway.ts";
import { ensureFramework } from "../fleet/framework.ts";
import { readInstallRecord } from "../fleet/install-record.ts";
import { loadRoster } from "../fleet/load-roster.ts";
import { askStates, ensureRunning, readContact } from "../supervisors/builtin/client.ts";
import { holderFiles } from "../supervisors/builtin/protocol.ts";
import { mustSystemctl } from "../supervisors/systemd/systemctl.ts";
import { planUnits, unitsAreOurs, writeUnits } from "../supervisors/systemd/sync.ts";
import { probeUserManager } from "../supervisors/user-manager.ts";

const leaveTimeoutMs = 30_000;
const readyTimeoutMs = 30_000;
const pollMs = 20;

/** Exit code 0. Throws AppError when something does not come back: the update is then taken back. */
export async function settle(ctx: Context): Promise<number> {
  if ((await readInstallRecord(ctx)) !== undefined) await ensureFramework(ctx);
  const roster = await rosterIfAny(ctx);
  if (roster !== undefined) {
    await settleUnits(ctx, roster);
    await settleSupervisor(ctx, roster);
  }
  await settleGateway(ctx);
  return exitCodes.ok;
}

/** A site without a roster, or with one that has faults, runs no fleet that could be settled. */
async function rosterIfAny(ctx: Context): Promise<Roster | undefined> {
  try {
    return await loadRoster(ctx);
  } catch (error) {
    if (error instanceof AppError && error.exitCode === exitCodes.usage) return undefined;
    throw error;
  }
}

/** Units that are installed and ours, in the environment that they have; a changed unit file restarts nothing. */
async function settleUnits(ctx: Context, roster: Roster): Promise<void> {
  const installed = await ctx.files.stat(`${ctx.paths.systemdUser}/${agentUnitTemplate}`);
  if (installed === undefined || !(await unitsAreOurs(ctx))) return;
  const plan = await planUnits(ctx, { roster, environment: "kept" });
  if (!(await writeUnits(ctx, plan, { force: false }))) return;
  if ((await probeUserManager(ctx)) === "running") await mustSystemctl(ctx, "daemon-reload");
}

/** The supervisor in the background is replaced; its agents live on, and the next one takes them over. */
async function settleSupervisor(ctx: Context, { socket }: Roster): Promise<void> {
  const contact = await readContact(ctx, socket);
  if (contact === undefined || !(await isHeld(ctx, socket))) return;
  const argv = await ctx.processes.argv(contact.pid);
  if (!argv.includes("--adopt-only")) {
    ctx.io.err(
      `the supervisor in the foreground (pid ${contact.pid}) stays mosaic ${contact.version} until it is started anew\n`,
    );
    return;
  }
  const before = await runningAgents(ctx, socket);
  const inherited = await environmentOf(ctx, contact.pid);
  ctx.processes.signal(contact.pid, "SIGHUP");
  await until(ctx, leaveTimeoutMs, async () => !(await isHeld(ctx, socket)), {
    fault: `the supervisor (pid ${contact.pid}) does not leave`,
    hint: `kill -KILL ${contact.pid}; mosaic fleet start`,
  });
  await ensureRunning({ ...ctx, env: { ...ctx.env, ...inherited } }, socket);
  const isBack = async () => {
    const now = await runningAgents(ctx, socket);
    return before.every((name) => now.includes(name));
  };
  await until(ctx, readyTimeoutMs, isBack, {
    fault: "the new supervisor did not take over every agent",
    hint: "mosaic fleet status",
  });
}

/** What the supervisor was started with counts, not what the shell that runs the update happens to have. */
async function environmentOf(ctx: Context, pid: number): Promise<Record<string, string>> {
  const names =
    "PATH LANG LC_ALL TZ TERM SHELL TMUX_TMPDIR XDG_RUNTIME_DIR DBUS_SESSION_BUS_ADDRESS";
  const found: Record<string, string> = {};
  for (const name of names.split(" ")) {
    const value = await ctx.processes.variable(pid, name);
    if (value !== undefined) found[name] = value;
  }
  return found;
}

async function isHeld(ctx: Context, socket: string): Promise<boolean> {
  using lock = await ctx.files.tryLock(holderFiles(ctx.paths, socket).lock);
  return lock === undefined;
}

/** As far as the supervisor can be understood: one of another protocol says nothing of its agents. */
async function runningAgents(ctx: Context, socket: string): Promise<string[]> {
  try {
    const states = (await askStates(ctx, socket)) ?? [];
    return states.filter(({ state }) => state === "running").map(({ name }) => name);
  } catch (error) {
    if (error instanceof AppError) return [];
    throw error;
  }
}

async function until(
  ctx: Context,
  timeoutMs: number,
  isDone: () => Promise<boolean>,
  { fault, hint }: { fault: string; hint: string },
): Promise<void> {
  const deadline = ctx.clock.monotonic() + timeoutMs;
  while (!(await isDone())) {
    if (ctx.clock.monotonic() > deadline) throw new AppError(fault, { hint });
    await ctx.clock.sleep(pollMs);
  }
}
