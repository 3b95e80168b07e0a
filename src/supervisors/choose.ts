// Which supervisor runs the fleet: pure, so that the table in its test is the documentation.
import { AppError, exitCodes } from "../errors.ts";
import type { Roster } from "../domain/roster.ts";
import type { SupervisorKind } from "./supervisor.ts";

/** Whether `systemctl --user` answers, and if not, why. */
export type UserManager = "running" | "no-systemctl" | "no-bus" | "denied";

export interface SupervisorFacts {
  wanted: Roster["supervisor"];
  userManager: UserManager;
}

/** What is the matter with the user manager and what to do about it. */
export const userManagerFaults: Record<
  Exclude<UserManager, "running">,
  { message: string; hint: string }
> = {
  "no-systemctl": {
    message: "this host has no systemctl",
    hint: "set supervisor: builtin in the roster, or run: mosaic fleet run",
  },
  "no-bus": {
    message: "no systemd user manager answers (no bus for this user)",
    hint: "log in as this user (ssh or machinectl shell), or run: loginctl enable-linger, then set XDG_RUNTIME_DIR=/run/user/$(id -u)",
  },
  denied: {
    message: "the systemd user manager refuses us",
    hint: "run mosaic as the user who owns the fleet, not through sudo or su",
  },
};

/** The AppError, exit 3, for a user manager that does not answer. */
export function noUserManager(state: Exclude<UserManager, "running">): AppError {
  const { message, hint } = userManagerFaults[state];
  return new AppError(message, { exitCode: exitCodes.notRunning, hint });
}

/** systemd when it answers, else builtin; what the roster names is never replaced by the other. */
export function chooseSupervisor({ wanted, userManager }: SupervisorFacts): SupervisorKind {
  if (wanted === "builtin") return "builtin";
  if (userManager === "running") return "systemd";
  if (wanted === "auto") return "builtin";
  const fault = userManagerFaults[userManager];
  throw new AppError(`the roster wants supervisor: systemd, but ${fault.message}`, {
    exitCode: exitCodes.notRunning,
    hint: fault.hint,
  });
}
