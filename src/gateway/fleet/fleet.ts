// The fleet of this host, as the gateway sees and changes it. Many requests at once cost one look.
import * as v from "valibot";
import type { Context } from "../../context.ts";
import type { Roster } from "../../domain/roster.ts";
import { AppError, exitCodes } from "../../errors.ts";
import { loadRoster, pickAgents } from "../../fleet/load-roster.ts";
import { observeFleet } from "../../fleet/observe.ts";
import { agentJson } from "../../fleet/status.ts";
import { askStates } from "../../supervisors/builtin/client.ts";
import { asUnit } from "../service/unit.ts";
import { quietly } from "./quiet.ts";

/** A look at a hundred agents takes two execs; what it saw is shown for so long. */
const freshMs = 500;

export type ShownAgent = ReturnType<typeof agentJson>;

export interface ShownFleet {
  host: string;
  supervisor: string;
  agents: ShownAgent[];
}

export type AgentAction = "start" | "stop" | "restart" | "reset";

const outcomeSchema = v.object({
  name: v.string(),
  result: v.string(),
  reason: v.string(),
  hint: v.string(),
  tookMs: v.number(),
});

export type ActionOutcome = v.InferOutput<typeof outcomeSchema>;

export interface Fleet {
  /** Throws AppError, exit 1, when it cannot be read. */
  roster(): Promise<Roster>;
  /** Whether the roster has an agent of this name. Throws as `roster`. */
  has(name: string): Promise<boolean>;
  look(): Promise<ShownFleet>;
  /** Throws AppError for a name that is not in the roster, and as the use case does. */
  act(name: string, action: AgentAction, options: { isFresh: boolean }): Promise<ActionOutcome>;
}

/** Over the roster as it is at each call. */
export function createFleet(ctx: Context): Fleet {
  let seen: { at: number; fleet: Promise<ShownFleet> } | undefined;
  return {
    roster: () => readRoster(ctx),
    has: async (name) => (await readRoster(ctx)).agents.some((agent) => agent.name === name),
    look() {
      const now = ctx.clock.monotonic();
      if (seen === undefined || now - seen.at > freshMs) {
        const fleet = lookAt(ctx);
        const mine = { at: now, fleet };
        seen = mine;
        // What failed is not shown again; whoever waits for it hears of it.
        fleet.catch(() => {
          if (seen === mine) seen = undefined;
        });
      }
      return seen.fleet;
    },
    async act(name, action, { isFresh }) {
      const roster = await readRoster(ctx);
      pickAgents(roster, [name]);
      if (action !== "stop") await refuseOwnSupervisor(ctx, roster);
      const said = await quietly(ctx, (quiet) => run(quiet, { name, action, isFresh }));
      seen = undefined;
      return outcomeOf(name, said);
    },
  };
}

/** A roster with faults is no fault of who asks. */
async function readRoster(ctx: Context): Promise<Roster> {
  try {
    return await loadRoster(ctx);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    throw new AppError(error.message, { exitCode: exitCodes.failed, cause: error });
  }
}

/**
 * Under the builtin supervisor agents are children of a process that the first start begins. Begun by a unit it would end with
 * that unit, and the agents with it. Throws AppError, exit 4.
 */
async function refuseOwnSupervisor(ctx: Context, { supervisor, socket }: Roster): Promise<void> {
  if (supervisor !== "builtin" || ctx.env[asUnit] === undefined) return;
  if ((await askStates(ctx, socket)) !== undefined) return;
  throw new AppError(
    "the fleet's builtin supervisor does not run, and must not end with the gateway",
    {
      exitCode: exitCodes.refused,
      hint: "on the host: mosaic fleet start",
    },
  );
}

async function lookAt(ctx: Context): Promise<ShownFleet> {
  const roster = await readRoster(ctx);
  const { supervisor, agents } = await observeFleet(ctx, {
    roster,
    agents: roster.agents,
    doing: true,
  });
  return { host: ctx.host.name, supervisor, agents: agents.map(agentJson) };
}

async function run(
  ctx: Context,
  { name, action, isFresh }: { name: string; action: AgentAction; isFresh: boolean },
): Promise<number> {
  const options = { names: [name], json: true };
  if (action === "start") {
    const { startFleet } = await import("../../fleet/start.ts");
    return await startFleet(ctx, options);
  }
  if (action === "stop") {
    const { stopFleet } = await import("../../fleet/stop.ts");
    return await stopFleet(ctx, options);
  }
  if (action === "restart") {
    const { restartFleet } = await import("../../fleet/restart.ts");
    return await restartFleet(ctx, options);
  }
  const { resetAgent } = await import("../../fleet/reset.ts");
  return await resetAgent(ctx, { name, fresh: isFresh, json: true });
}

function outcomeOf(
  name: string,
  { result, out, err }: { result: number; out: string; err: string },
): ActionOutcome {
  const parsed = v.safeParse(v.object({ agents: v.array(outcomeSchema) }), jsonOf(out));
  const outcome = parsed.success
    ? parsed.output.agents.find((one) => one.name === name)
    : undefined;
  if (outcome !== undefined) return outcome;
  const reason = err.trim() === "" ? `exit ${result}` : err.trim();
  return { name, result: "failed", reason, hint: "", tookMs: 0 };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
