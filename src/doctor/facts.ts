// What several checks need to know, asked once. Nothing here throws: what is missing is a fact too.
import type { Context } from "../context.ts";
import type { Roster, SupervisorChoice } from "../domain/roster.ts";
import { loadRoster } from "../fleet/load-roster.ts";
import { chooseSupervisor } from "../supervisors/choose.ts";
import type { SupervisorKind } from "../supervisors/supervisor.ts";
import { managerFacts, type ManagerFacts } from "./user-manager.ts";

export interface DoctorFacts {
  /** Why our folders cannot be named; undefined when they can. */
  homeFault: { cause: unknown } | undefined;
  /** undefined when there is none that is valid: then rosterFault says why. */
  roster: Roster | undefined;
  rosterFault: { cause: unknown } | undefined;
  manager: ManagerFacts;
  /**
   * What this fleet is run by here, whether or not that works; as if the roster said auto when there is none.
   * undefined when it depends on a user manager of which nothing is known.
   */
  supervisor: SupervisorKind | undefined;
}

/** Reads the roster and asks the user manager; one exec. */
export async function gatherFacts(ctx: Context): Promise<DoctorFacts> {
  const homeFault = await faultOf(() => ctx.paths);
  const [{ roster, rosterFault }, manager] = await Promise.all([
    homeFault === undefined ? readRoster(ctx) : { roster: undefined, rosterFault: homeFault },
    managerFacts(ctx),
  ]);
  const supervisor = supervisorOf(roster?.supervisor ?? "auto", manager.state);
  return { homeFault, roster, rosterFault, manager, supervisor };
}

async function readRoster(ctx: Context): Promise<Pick<DoctorFacts, "roster" | "rosterFault">> {
  let roster: Roster | undefined;
  const rosterFault = await faultOf(async () => {
    roster = await loadRoster(ctx);
  });
  return { roster, rosterFault };
}

function supervisorOf(
  wanted: SupervisorChoice,
  state: ManagerFacts["state"],
): SupervisorKind | undefined {
  if (wanted !== "auto") return wanted;
  return state === "unknown" ? undefined : chooseSupervisor({ wanted, userManager: state });
}

async function faultOf(work: () => unknown): Promise<{ cause: unknown } | undefined> {
  try {
    await work();
    return undefined;
  } catch (cause) {
    return { cause };
  }
}
