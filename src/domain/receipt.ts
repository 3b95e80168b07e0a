// What is known of a message, and from whom. Pure.

/**
 * queued: waits to be typed · typed: it may stand in the pane, but is not proven submitted · submitted: seen to leave the
 * composer · accepted: the agent itself reports the prompt · answered: the agent's turn with it ended · refused: nothing
 * was typed · expired: nobody could type it in time · failed: the agent's turn with it broke, or the delivery did.
 */
export type ReceiptStatus =
  | "queued"
  | "typed"
  | "submitted"
  | "accepted"
  | "answered"
  | "refused"
  | "expired"
  | "failed";

export interface Receipt {
  status: ReceiptStatus;
  /** Epoch milliseconds. */
  at: number;
  /** Who says so: the sender, the screen of the pane, the agent's own report. */
  source: "sender" | "screen" | "agent";
  /** What it is known by, for people. */
  evidence: string;
  /** A word that a program can tell causes apart by, such as `not-running`; empty where the status says it all. */
  cause: string;
}

const order: readonly ReceiptStatus[] = ["queued", "typed", "submitted", "accepted", "answered"];

/** Nothing more is done for such a message; only the agent's own word still counts. */
const ends: readonly ReceiptStatus[] = ["answered", "refused", "expired", "failed"];

/** What a sender can wait for. */
export const waitable = ["submitted", "accepted", "answered"] as const;

export type Waitable = (typeof waitable)[number];

/** Whether a message in the first state can get the second receipt: it never goes back, and the agent's word overrules. */
export function mayFollow(from: ReceiptStatus, to: ReceiptStatus): boolean {
  const [before, after] = [order.indexOf(from), order.indexOf(to)];
  if (to === "accepted" || to === "answered") return before < after;
  if (to === "failed") return !ends.includes(from);
  if (to === "refused" || to === "expired") return from === "queued";
  return before >= 0 && before < after;
}

/** Whether a message has come as far as that. */
export function hasReached(status: ReceiptStatus, wanted: ReceiptStatus): boolean {
  return order.indexOf(status) >= order.indexOf(wanted);
}

/** A step that every message takes which arrives. */
export function isOnTheWay(status: ReceiptStatus): boolean {
  return order.includes(status);
}

/** It will come no further by itself. */
export function isOver(status: ReceiptStatus): boolean {
  return ends.includes(status);
}

/** For a text of a database or of a user; undefined when it is none. */
export function parseReceiptStatus(text: string): ReceiptStatus | undefined {
  return [...order, ...ends].find((status) => status === text);
}
