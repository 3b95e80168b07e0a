// What keeps a queue from growing without end, and agents from talking each other into a loop. Pure.
import { AppError, exitCodes } from "../errors.ts";

/** More than a person would ever queue; a script that does has lost its agent. */
export const maxWaiting = 100;

/** A message that leads to a message that leads to a message …: this many agents pass it on. */
export const maxHops = 8;

/** Of one agent to another one, within the window. */
export const maxPerPair = 30;
export const pairWindowMs = 5 * 60_000;

export interface Offered {
  id: string;
  agent: string;
  /** The agent that it is from; undefined for everybody else, who is not damped. */
  sender: string | undefined;
  hops: number;
  /** How many wait for the agent already. */
  waiting: number;
  createdAt: number;
}

/** Throws AppError: exit 75 when the queue is full, 4 for a loop. `sentSince` counts messages of this pair. */
export function checkDamping(offered: Offered, sentSince: (since: number) => number): void {
  const { agent, sender, hops, waiting, createdAt } = offered;
  if (waiting >= maxWaiting) {
    throw new AppError(`the queue of ${agent} is full: ${waiting} messages wait`, {
      exitCode: exitCodes.busy,
      hint: `mosaic agent status ${agent} --explain\nmosaic agent messages ${agent}`,
    });
  }
  if (sender === undefined) return;
  const hint = `a person may send: mosaic agent messages ${agent}`;
  if (hops > maxHops) {
    throw new AppError(
      `a message of ${sender} to ${agent} is the ${hops}th in a row that agents passed on: a loop?`,
      { exitCode: exitCodes.refused, hint },
    );
  }
  const sent = sentSince(createdAt - pairWindowMs);
  if (sent < maxPerPair) return;
  throw new AppError(
    `${sender} has sent ${agent} ${sent} messages within ${pairWindowMs / 60_000} minutes: a loop?`,
    { exitCode: exitCodes.refused, hint },
  );
}
