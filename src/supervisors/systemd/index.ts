// The systemd supervisor: every agent is a unit of the user manager, the tmux server is another.
import { AppError, exitCodes } from "../../errors.ts";
import type { Context } from "../../context.ts";
import { agentUnit, holderUnit } from "../../domain/names.ts";
import type { Roster } from "../../domain/roster.ts";
import { eachLimited } from "../../fleet/each-limited.ts";
import { forgetCrashes } from "../../fleet/crashes.ts";
import { refuseForeignServer } from "../../fleet/server-owner.ts";
import { whyStartFailed } from "../../fleet/black-box.ts";
import { userManagerFaults } from "../choose.ts";
import type { AgentOutcome, SupervisedAgent, Supervisor } from "../supervisor.ts";
import { planUnits, requireInstalled, writeUnits } from "./sync.ts";
import { systemdStates } from "./states.ts";
import { systemctl } from "./systemctl.ts";

/** Agents that may start or stop at the same moment: an agent's start is a burst of CPU and memory. */
const atOnce = 8;

/** A Supervisor over `systemctl --user`. */
export function systemdSupervisor(ctx: Context, roster: Roster): Supervisor {
  const states = async (names: readonly string[]): Promise<Map<string, SupervisedAgent>> => {
    const seen = await systemdStates(ctx, names);
    if (seen.manager === "running") return seen.states;
    const { message, hint } = userManagerFaults[seen.manager];
    throw new AppError(message, { exitCode: exitCodes.notRunning, hint });
  };

  return {
    kind: "systemd",
    states,

    async ensureHolder() {
      const plan = await planUnits(ctx, roster);
      requireInstalled(plan);
      if (await writeUnits(ctx, plan, { force: false })) await must(ctx, "daemon-reload");
      const active = await systemctl(ctx, "is-active", "--quiet", holderUnit);
      if (active.exitCode === 0) return;
      await refuseForeignServer(ctx, roster.socket, { oursIsForeign: true });
      await must(ctx, "start", holderUnit);
    },

    async start(names, told) {
      const before = await states(names);
      const units = names.map(agentUnit);
      // Not failed, or not loaded yet, is no fault here.
      if (units.length > 0) await systemctl(ctx, "reset-failed", "--", ...units);
      if (units.length > 0) await must(ctx, "enable", "--quiet", "--", ...units);
      return eachLimited(names, atOnce, async (name) => {
        const began = ctx.clock.now();
        if (before.get(name)?.state === "running")
          return tell(told, outcome(name, "already-running", 0));
        await forgetCrashes(ctx, name);
        const done = await systemctl(ctx, "start", agentUnit(name));
        return tell(told, await endedAs(name, { result: "started", began, done }));
      });
    },

    async stop(names, told) {
      const before = await states(names);
      return eachLimited(names, atOnce, async (name) => {
        const began = ctx.clock.now();
        const state = before.get(name)?.state;
        const done = await systemctl(ctx, "stop", agentUnit(name));
        const wasUp = state === "running" || state === "starting" || state === "backoff";
        if (state === "failed") await systemctl(ctx, "reset-failed", "--", agentUnit(name));
        return tell(
          told,
          await endedAs(name, { result: wasUp ? "stopped" : "already-stopped", began, done }),
        );
      });
    },

    async restart(names, told) {
      const units = names.map(agentUnit);
      if (units.length > 0) await systemctl(ctx, "reset-failed", "--", ...units);
      return eachLimited(names, atOnce, async (name) => {
        const began = ctx.clock.now();
        await forgetCrashes(ctx, name);
        const done = await systemctl(ctx, "restart", agentUnit(name));
        return tell(told, await endedAs(name, { result: "restarted", began, done }));
      });
    },

    async stopHolder() {
      await must(ctx, "stop", holderUnit);
    },
  };

  async function endedAs(
    name: string,
    end: {
      result: AgentOutcome["result"];
      began: number;
      done: { exitCode: number | null; stderr: string };
    },
  ): Promise<AgentOutcome> {
    const tookMs = ctx.clock.now() - end.began;
    if (end.done.exitCode === 0) return outcome(name, end.result, tookMs);
    const state = (await states([name])).get(name);
    const why =
      (await whyStartFailed(ctx, { agent: name, beganMs: end.began })) ??
      (state?.reason || firstLine(end.done.stderr));
    const reason = state?.state === "failed" ? why : `${why}; it is being tried again`;
    return { name, result: "failed", reason, hint: `mosaic agent why ${name}`, tookMs };
  }
}

function tell(told: (outcome: AgentOutcome) => void, said: AgentOutcome): AgentOutcome {
  told(said);
  return said;
}

function outcome(name: string, result: AgentOutcome["result"], tookMs: number): AgentOutcome {
  return { name, result, reason: "", hint: "", tookMs };
}

function firstLine(text: string): string {
  return text.trim().split("\n")[0] ?? "";
}

async function must(ctx: Context, ...args: string[]): Promise<void> {
  const result = await systemctl(ctx, ...args);
  if (result.exitCode === 0) return;
  throw new AppError(`systemctl --user ${args[0] ?? ""} failed: ${firstLine(result.stderr)}`, {
    exitCode: exitCodes.failed,
    hint: `systemctl --user status ${holderUnit}`,
  });
}
