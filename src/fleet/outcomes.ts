// How the result of a start, stop or restart is told: one line per agent, or JSON.
import { exitCodes } from "../errors.ts";
import type { Context } from "../context.ts";
import type { AgentOutcome } from "../supervisors/supervisor.ts";

const said: Record<AgentOutcome["result"], string> = {
  started: "started",
  "already-running": "already running",
  stopped: "stopped",
  "already-stopped": "already stopped",
  restarted: "restarted",
  "already-restarted": "already restarted",
  failed: "FAILED",
};

/** One line for people, such as `canary-pi  started  0.4 s`. */
export function outcomeLine(outcome: AgentOutcome, nameWidth: number): string {
  const name = outcome.name.padEnd(nameWidth);
  if (outcome.result === "failed") {
    const hint = outcome.hint === "" ? "" : `\n${" ".repeat(nameWidth)}  hint: ${outcome.hint}`;
    return `${name}  ${said.failed}: ${outcome.reason}${hint}\n`;
  }
  const seconds = outcome.tookMs > 0 ? `  ${(outcome.tookMs / 1000).toFixed(1)} s` : "";
  return `${name}  ${said[outcome.result]}${seconds}\n`;
}

export interface Telling {
  json: boolean;
  /** Names of all agents concerned, for the column's width and the progress line. */
  names: readonly string[];
  /** Present participle for the progress line, such as `starting`. */
  verb: string;
}

/** Tells outcomes as they come; `done` prints the JSON and gives the exit code. */
export function outcomeTeller(ctx: Context, telling: Telling) {
  const width = Math.max(0, ...telling.names.map((name) => name.length));
  // By name: what was told later about an agent is what holds.
  const told = new Map<string, AgentOutcome>();
  const progress = (): void => {
    const left = telling.names.length - told.size;
    ctx.io.progress(left > 0 ? `${telling.verb} ${told.size}/${telling.names.length} …` : "");
  };
  return {
    begin: progress,
    told: (outcome: AgentOutcome): void => {
      told.set(outcome.name, outcome);
      ctx.io.progress("");
      if (!telling.json) ctx.io.out(outcomeLine(outcome, width));
      progress();
    },
    done: (): number => {
      ctx.io.progress("");
      const all = [...told.values()];
      if (telling.json)
        ctx.io.out(`${JSON.stringify({ schemaVersion: 1, agents: all }, null, 2)}\n`);
      return all.some((outcome) => outcome.result === "failed") ? exitCodes.failed : exitCodes.ok;
    },
  };
}
