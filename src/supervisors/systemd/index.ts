// The systemd supervisor: every agent is a unit of the user manager, the tmux server is another.
import type { Context, ExecResult } from "../../context.ts";
import { agentFiles, agentUnit, agentUnitTemplate, holderUnit } from "../../domain/names.ts";
import type { Roster } from "../../domain/roster.ts";
import { whyStartFailed } from "../../fleet/black-box.ts";
import { forgetCrashes } from "../../fleet/crashes.ts";
import { eachLimited } from "../../fleet/each-limited.ts";
import { isServerKept } from "../../fleet/kept-server.ts";
import { listPanes } from "../../fleet/observe.ts";
import { refuseForeignServer, serverOwner } from "../../fleet/server-owner.ts";
import type { HeldLock } from "../../lock/held-lock.ts";
import { cleanEnv } from "../clean-env.ts";
import { stopAgent } from "../stop-agent.ts";
import { noUserManager } from "../choose.ts";
import {
  instanceOf,
  isRestartedSince,
  lockAgent,
  orBusy,
  restartPatienceMs,
} from "../agent-lock.ts";
import { failed, outcome } from "../outcome.ts";
import type { AgentOutcome, SupervisedAgent, Supervisor } from "../supervisor.ts";
import { systemdStates } from "./states.ts";
import { planUnits, requireInstalled, writeUnits } from "./sync.ts";
import { mustSystemctl, systemctl, systemctlUnder } from "./systemctl.ts";
import { unitEnvironmentOf } from "./unit-environment.ts";

/** Agents that may start or stop at the same moment: an agent's start is a burst of CPU and memory. */
const atOnce = 8;

/** A Supervisor over `systemctl --user`. */
export function systemdSupervisor(ctx: Context, roster: Roster): Supervisor {
  const states = async (names: readonly string[]): Promise<Map<string, SupervisedAgent>> => {
    const seen = await systemdStates(ctx, { roster, names });
    if (seen.manager === "running") return seen.states;
    throw noUserManager(seen.manager);
  };

  const endedAs = async (name: string, end: End): Promise<AgentOutcome> => {
    const tookMs = ctx.clock.now() - end.beganMs;
    if (end.done.exitCode === 0) return outcome(name, { result: end.result, tookMs });
    const state = (await states([name])).get(name);
    const why =
      (await whyStartFailed(ctx, { agent: name, beganMs: end.beganMs })) ??
      (state?.reason || firstLine(end.done.stderr));
    const reason = state?.state === "failed" ? why : `${why}; it is being tried again`;
    return failed(name, { reason, tookMs });
  };

  const isStopped = async (name: string): Promise<boolean> =>
    (await instanceOf(ctx, name)) === "" && stateOf(await states([name]), name) === "stopped";

  const lockOf = (name: string, purpose: string): Promise<HeldLock> =>
    lockAgent(ctx, name, { purpose, isSupervised: true, timeoutMs: restartPatienceMs });

  const start = async (name: string, was: State): Promise<AgentOutcome> => {
    if (was === "running") return outcome(name, { result: "already-running" });
    const beganMs = ctx.clock.now();
    await using lock = await lockOf(name, "fleet start");
    const now = lock.hasWaited ? stateOf(await states([name]), name) : was;
    if (now === "running") return outcome(name, { result: "already-running" });
    // Nobody who asks for a start wants to wait for a pause to end.
    if (now === "backoff") await systemctlUnder(ctx, lock, "stop", agentUnit(name));
    await forgetCrashes(ctx, name);
    const done = await systemctlUnder(ctx, lock, "start", agentUnit(name));
    return await endedAs(name, { result: "started", beganMs, done });
  };

  const stop = async (name: string, was: State): Promise<AgentOutcome> => {
    const beganMs = ctx.clock.now();
    const done = await systemctl(ctx, "stop", agentUnit(name));
    if (was === "failed") await systemctl(ctx, "reset-failed", "--", agentUnit(name));
    const wasUp = was === "running" || was === "starting" || was === "backoff";
    if (done.exitCode === 0 && was !== "running" && (await hasLeftovers(ctx, { name, was }))) {
      const env = await scriptEnvironment(ctx);
      const swept = await stopAgent(ctx, { name, env, isHurried: false, wasUp });
      if (swept.result === "failed") return swept;
    }
    return await endedAs(name, { result: wasUp ? "stopped" : "already-stopped", beganMs, done });
  };

  const restart = async (name: string): Promise<AgentOutcome> => {
    const beganMs = ctx.clock.now();
    const before = await instanceOf(ctx, name);
    await using lock = await lockOf(name, "fleet restart");
    if (
      (await isRestartedSince(ctx, { agent: name, before })) &&
      stateOf(await states([name]), name) === "running"
    ) {
      return outcome(name, { result: "already-restarted", tookMs: ctx.clock.now() - beganMs });
    }
    // Up when we came and down without a fault now: somebody stopped it, which is what was asked for last.
    if (lock.hasWaited && before !== "" && (await isStopped(name))) {
      const tookMs = ctx.clock.now() - beganMs;
      return failed(name, { reason: "stopped while it waited for its lock", tookMs });
    }
    await forgetCrashes(ctx, name);
    const done = await systemctlUnder(ctx, lock, "restart", agentUnit(name));
    return await endedAs(name, { result: "restarted", beganMs, done });
  };

  /** Not failed, or not loaded yet, is no fault here. */
  const resetFailed = async (names: readonly string[]): Promise<void> => {
    if (names.length > 0) await systemctl(ctx, "reset-failed", "--", ...names.map(agentUnit));
  };

  return {
    kind: "systemd",
    states,

    async ensureHolder() {
      const plan = await planUnits(ctx, { roster, environment: "kept" });
      requireInstalled(plan);
      if (await writeUnits(ctx, plan, { force: false })) await mustSystemctl(ctx, "daemon-reload");
      if (await isHolderUp(ctx)) return;
      const isOurs = (await serverOwner(ctx, roster.socket)) === "ours";
      // Another start may have brought it up between the two looks.
      if (isOurs && (await isHolderUp(ctx))) return;
      await refuseForeignServer(ctx, roster.socket, { oursIsForeign: isOurs });
      await mustSystemctl(ctx, "start", holderUnit);
    },

    async start(names, told) {
      const before = await states(names);
      await resetFailed(names);
      const units = names.map(agentUnit);
      if (units.length > 0) await mustSystemctl(ctx, "enable", "--quiet", "--", ...units);
      return eachAgent(names, { told, act: (name) => start(name, stateOf(before, name)) });
    },

    async stop(names, told) {
      const before = await states(names);
      return eachAgent(names, { told, act: (name) => stop(name, stateOf(before, name)) });
    },

    async restart(names, told) {
      await resetFailed(names);
      return eachAgent(names, { told, act: restart });
    },

    async stopHolder() {
      // A unit that only fights for a stranger's socket is stopped; its server would not be touched.
      const { owner } = await listPanes(ctx, roster.socket);
      if (owner === "ours" && (await isServerKept(ctx, roster.socket))) return;
      await mustSystemctl(ctx, "stop", holderUnit);
    },
  };
}

type State = SupervisedAgent["state"];

interface End {
  result: AgentOutcome["result"];
  beganMs: number;
  done: Pick<ExecResult, "exitCode" | "stderr">;
}

function stateOf(states: ReadonlyMap<string, SupervisedAgent>, name: string): State {
  return states.get(name)?.state ?? "stopped";
}

interface Work {
  told: (outcome: AgentOutcome) => void;
  act: (name: string) => Promise<AgentOutcome>;
}

function eachAgent(names: readonly string[], { told, act }: Work): Promise<AgentOutcome[]> {
  const work = async (name: string): Promise<AgentOutcome> => {
    const done = await orBusy(name, () => act(name));
    told(done);
    return done;
  };
  return eachLimited(names, { atOnce, work });
}

/** systemd runs no stop command for a unit that is not active, and a crashed agent keeps its session and its record. */
async function hasLeftovers(
  ctx: Context,
  { name, was }: { name: string; was: State },
): Promise<boolean> {
  if (was !== "stopped") return true;
  return (await ctx.files.stat(`${agentFiles(ctx.paths, name).dir}/instance`)) !== undefined;
}

/** As the unit would run the script. */
async function scriptEnvironment(ctx: Context): Promise<Record<string, string>> {
  const unit = await ctx.files.readText(`${ctx.paths.systemdUser}/${agentUnitTemplate}`);
  const set = Object.fromEntries(unitEnvironmentOf(unit ?? ""));
  return { ...cleanEnv(ctx.env, ctx.paths), ...set, MOSAIC_SUPERVISOR: "systemd" };
}

function firstLine(text: string): string {
  return text.trim().split("\n")[0] ?? "";
}

async function isHolderUp(ctx: Context): Promise<boolean> {
  return (await systemctl(ctx, "is-active", "--quiet", holderUnit)).exitCode === 0;
}
