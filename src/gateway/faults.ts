// What goes wrong below the routes, in the words of the API.
import { AppError, exitCodes } from "../errors.ts";
import type { Gateway } from "./gateway.ts";
import { Problem } from "./problem.ts";

/** What a use case or a store says becomes what the API says. What is a fault of ours is told to the log alone. */
export function problemOf({ ctx }: Pick<Gateway, "ctx">, error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof AppError) {
    if (error.exitCode === exitCodes.busy) {
      return new Problem("busy", error.message, { retryAfterSeconds: 2 });
    }
    if (error.exitCode === exitCodes.usage) return new Problem("invalid-request", error.message);
    if (error.exitCode === exitCodes.notRunning) return new Problem("not-running", error.message);
    if (error.exitCode === exitCodes.refused) return new Problem("conflict", error.message);
    ctx.io.err(`mosaic: a request failed: ${error.message}\n`);
    return new Problem("unavailable", "see the gateway's log", { retryAfterSeconds: 5 });
  }
  const words = error instanceof Error ? (error.stack ?? error.message) : String(error);
  ctx.io.err(`mosaic: a bug of the gateway: ${words}\n`);
  return new Problem("internal", "see the gateway's log");
}
