// The states of the agents' units, in one exec while all is well: `systemctl show` takes a millisecond per unit,
// `list-units` 6 ms for a hundred (measured with systemd 252), so only units that do not just run are shown.
import type { Context } from "../../context.ts";
import { agentUnit } from "../../domain/names.ts";
import type { SupervisedAgent } from "../../domain/agent-state.ts";
import type { Roster } from "../../domain/roster.ts";
import { readStarts } from "../../fleet/crashes.ts";
import type { UserManager } from "../choose.ts";
import { userManagerOf } from "../user-manager.ts";
import { listArgs, parseListed, parseShow, showArgs, systemctl } from "./systemctl.ts";
import { stateOf } from "./unit-state.ts";

export interface StatesQuestion {
  /** For the restart policies. */
  roster: Pick<Roster, "agents">;
  /** Also of agents that the roster no longer has. */
  names: readonly string[];
}

/** The states by agent and, from the same exec, whether a user manager answered at all. */
export async function systemdStates(
  ctx: Context,
  { roster, names }: StatesQuestion,
): Promise<{ manager: UserManager; states: Map<string, SupervisedAgent> }> {
  const listed = await systemctl(ctx, ...listArgs);
  const manager = userManagerOf(listed);
  if (manager !== "running") return { manager, states: new Map() };
  const running = parseListed(listed.stdout);
  const unclear = names.filter((name) => running.get(agentUnit(name)) === false);
  const shown = unclear.length === 0 ? "" : (await systemctl(ctx, ...showArgs(unclear))).stdout;
  const details = parseShow(shown);
  const states = await Promise.all(
    names.map(async (name) => {
      const unit = agentUnit(name);
      // A unit that is not loaded is one that nobody started since the last stop.
      const facts =
        running.get(unit) === true ? { ActiveState: "active" } : (details.get(unit) ?? {});
      const startsMs = await readStarts(ctx, name);
      const policy = roster.agents.find((agent) => agent.name === name)?.restart;
      const restarts = Math.max(0, startsMs.length - 1);
      return [name, { name, ...stateOf(facts, { policy, startsMs }), restarts }] as const;
    }),
  );
  return { manager, states: new Map(states) };
}
