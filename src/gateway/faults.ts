// What goes wrong below the routes, in the words of the API. Where our files lie is told to nobody but the log.
import type { Context } from "../context.ts";
import { AppError, exitCodes } from "../errors.ts";
import type { Gateway } from "./gateway.ts";
import { Problem } from "./problem.ts";

export interface FaultLog {
  /** Writes it into the log, unless it has just done so: who asks again and again must not fill the disk. */
  tell(text: string): void;
}

const repeatMs = 60_000;

/** So many different faults within that time are told; of more it is not known that they were. */
const maxKnown = 200;

export function createFaultLog({ io, clock }: Pick<Context, "io" | "clock">): FaultLog {
  const told = new Map<string, number>();
  return {
    tell(text) {
      const now = clock.monotonic();
      for (const [known, at] of told) if (now - at > repeatMs) told.delete(known);
      if (told.has(text) || told.size >= maxKnown) return;
      told.set(text, now);
      io.err(`mosaic: ${text}\n`);
    },
  };
}

/** What a use case or a store says becomes what the API says. What is a fault of ours is told to the log alone. */
export function problemOf({ faults }: Pick<Gateway, "faults">, error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof AppError) {
    const words = showsPath(error.message) ? "see the gateway's log" : error.message;
    if (words !== error.message || !isOfClient(error)) {
      faults.tell(`a request failed: ${error.message}`);
    }
    if (error.exitCode === exitCodes.busy) {
      return new Problem("busy", words, { retryAfterSeconds: 2 });
    }
    if (error.exitCode === exitCodes.usage) return new Problem("invalid-request", words);
    if (error.exitCode === exitCodes.notRunning) return new Problem("not-running", words);
    if (error.exitCode === exitCodes.refused) return new Problem("conflict", words);
    return new Problem("unavailable", "see the gateway's log", { retryAfterSeconds: 5 });
  }
  const words = error instanceof Error ? (error.stack ?? error.message) : String(error);
  faults.tell(`a bug of the gateway: ${words}`);
  return new Problem("internal", "see the gateway's log");
}

function isOfClient({ exitCode }: AppError): boolean {
  const { busy, usage, notRunning, refused } = exitCodes;
  return [busy, usage, notRunning, refused].some((code) => code === exitCode);
}

/** Whether it names a file of this machine. */
function showsPath(text: string): boolean {
  return /(^|[\s'"`(=])\/[^\s/]/.test(text);
}
