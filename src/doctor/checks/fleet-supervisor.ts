// The builtin supervisor: whether it is there to start, and start again, the agents of the roster.
import { livingAgents } from "../../domain/sessions.ts";
import { AppError } from "../../errors.ts";
import type { Context } from "../../context.ts";
import { listPanes } from "../../fleet/observe.ts";
import { askStates, readContact } from "../../supervisors/builtin/client.ts";
import { type Check, ok, problem, skipped, thrown, warning } from "../check.ts";

const start = "mosaic fleet start";

export const fleetSupervisor: Check = {
  id: "fleet-supervisor",
  title: "supervisor",
  needs: "roster",
  async run(ctx, { roster, supervisor }) {
    if (roster === undefined) return skipped("no valid roster");
    if (supervisor === undefined) return skipped("cannot tell which supervisor runs this fleet");
    if (supervisor === "systemd") return ok("systemd's user manager");
    if (roster.agents.length === 0) return ok("the builtin one, and no agent for it");
    const { socket } = roster;
    try {
      if ((await askStates(ctx, socket)) !== undefined) return ok("the builtin one runs");
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      return thrown(error);
    }
    const alone = await livingOn(ctx, socket);
    if (alone.length > 0) {
      const many = alone.length === 1 ? "it" : "them";
      const who = `${alone.join(", ")} ${alone.length === 1 ? "runs" : "run"}`;
      return problem(`no supervisor runs, and ${who}: nothing restarts ${many}`, start);
    }
    // One that ends takes it away: only a kill, or a power cut, leaves it.
    if ((await readContact(ctx, socket)) !== undefined) {
      return problem("the builtin supervisor is gone, and no agent of the roster runs", start);
    }
    return warning("the builtin supervisor does not run, so no agent of the roster does", start);
  },
};

/** None where tmux cannot be asked, which other checks tell. */
async function livingOn(ctx: Context, socket: string): Promise<string[]> {
  try {
    return livingAgents(await listPanes(ctx, socket));
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return [];
  }
}
