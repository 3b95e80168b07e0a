// The builtin supervisor, for hosts and containers without a systemd user manager: `mosaic fleet run`, in the
// background unless a person runs it in front. This is the side of the commands; run.ts is the other.
import type { Context } from "../../context.ts";
import type { Roster } from "../../domain/roster.ts";
import { AppError, exitCodes } from "../../errors.ts";
import { readStarts } from "../../fleet/crashes.ts";
import { isServerKept } from "../../fleet/kept-server.ts";
import { listPanes } from "../../fleet/observe.ts";
import { serverOwner } from "../../fleet/server-owner.ts";
import { tellHeld } from "../agent-lock.ts";
import { outcome } from "../outcome.ts";
import type { AgentOutcome, SupervisedAgent, Supervisor } from "../supervisor.ts";
import { cleanEnv } from "../clean-env.ts";
import { askFor, askShutdown, askStates, ensureRunning } from "./client.ts";
import { killOwnServer } from "./kill-server.ts";
import { stopAgent } from "../stop-agent.ts";
import { keepWaiting, readWaiting } from "./waiting.ts";

type Told = (outcome: AgentOutcome) => void;

/** How long kill-server may take to end a server that nobody supervises. */
const serverEndTimeoutMs = 10_000;
const pollMs = 5;

/** A Supervisor over the control socket of `mosaic fleet run`; without one it can still tell, and stop, what lives. */
export function builtinSupervisor(ctx: Context, roster: Pick<Roster, "socket">): Supervisor {
  const { socket } = roster;

  const mustFor = async (
    verb: "start" | "restart",
    names: readonly string[],
    told: Told,
  ): Promise<AgentOutcome[]> => {
    await tellHeld(ctx, names);
    const outcomes = await askFor(ctx, socket, { verb, names, told });
    if (outcomes !== undefined) return outcomes;
    throw new AppError("no supervisor runs", {
      exitCode: exitCodes.notRunning,
      hint: "mosaic fleet start",
    });
  };

  return {
    kind: "builtin",
    ensureHolder: () => ensureRunning(ctx, socket),
    start: (names, told) => mustFor("start", names, told),
    restart: (names, told) => mustFor("restart", names, told),
    stop: async (names, told) =>
      (await askFor(ctx, socket, { verb: "stop", names, told })) ??
      (await stopUnsupervised(ctx, socket, { names, told })),
    async stopHolder() {
      const isKept = await isServerKept(ctx, socket);
      // The supervisor ends in any case; it keeps the server for the same reasons.
      if (!(await askShutdown(ctx, socket)) && !isKept) await endServer(ctx, socket);
    },
    async states(names) {
      const { known, reason } = await knownStates(ctx, socket);
      const byName = new Map(known.map((agent) => [agent.name, agent]));
      const states = names.map(
        async (name) => [name, byName.get(name) ?? (await unknown(ctx, name, reason))] as const,
      );
      return new Map(await Promise.all(states));
    },
  };
}

/** Without an answer nothing is known, and why; what tmux says is worth being shown all the same. */
async function knownStates(
  ctx: Context,
  socket: string,
): Promise<{ known: SupervisedAgent[]; reason: string }> {
  try {
    const known = await askStates(ctx, socket);
    if (known !== undefined) return { known, reason: "" };
    return { known: [], reason: "no supervisor runs (mosaic fleet start)" };
  } catch (error) {
    if (!(error instanceof AppError) || error.exitCode !== exitCodes.busy) throw error;
    return { known: [], reason: error.message };
  }
}

/** How often it was restarted the scripts have written down. `reason`: empty when the supervisor has it not. */
async function unknown(ctx: Context, name: string, reason: string): Promise<SupervisedAgent> {
  const isUnknown = reason !== "";
  const restarts = isUnknown ? Math.max(0, (await readStarts(ctx, name)).length - 1) : 0;
  return { name, state: "stopped", reason, needsPerson: false, restarts, sinceMs: 0, isUnknown };
}

/** After a supervisor was killed its agents live on, and a stop must still mean stop. */
async function stopUnsupervised(
  ctx: Context,
  socket: string,
  { names, told }: { names: readonly string[]; told: Told },
): Promise<AgentOutcome[]> {
  const { owner, panes } = await listPanes(ctx, socket);
  const ours = owner === "ours" ? panes.filter((pane) => pane.agent === pane.session) : [];
  const env = cleanEnv(ctx.env, ctx.paths);
  const waiting = await readWaiting(ctx, socket);
  await keepWaiting(
    ctx,
    socket,
    waiting.filter((name) => !names.includes(name)),
  );
  const stopOne = async (name: string): Promise<AgentOutcome> => {
    const pane = ours.find((one) => one.agent === name);
    const done =
      pane === undefined
        ? outcome(name, { result: waiting.includes(name) ? "stopped" : "already-stopped" })
        : await stopAgent(ctx, { name, env, isHurried: false, wasUp: !pane.isDead });
    told(done);
    return done;
  };
  return await Promise.all(names.map(stopOne));
}

async function endServer(ctx: Context, socket: string): Promise<void> {
  if ((await serverOwner(ctx, socket)) !== "ours") return;
  await killOwnServer(ctx, socket);
  const deadline = ctx.clock.now() + serverEndTimeoutMs;
  while ((await serverOwner(ctx, socket)) === "ours" && ctx.clock.now() < deadline) {
    await ctx.clock.sleep(pollMs);
  }
}
