// What is told of a message that is not as far as its sender asked: the words, the exit code, and what helps.
import { hasReached, type ReceiptStatus, type Waitable } from "../domain/receipt.ts";
import { AppError, exitCodes } from "../errors.ts";
import type { Tracked } from "./track.ts";

/** undefined when the message is as far as it was to come. */
export function faultOf(
  { message, last }: Tracked,
  wait: Waitable | undefined,
): AppError | undefined {
  const { agent, id, status, acceptedBy } = message;
  if (hasReached(status, wait ?? "submitted")) return undefined;
  const reason = last.evidence;
  const look = `mosaic agent messages --id ${id}`;
  const refusal = refusals[last.cause] ?? refusals[""];
  const isTold = !["", "busy"].includes(last.cause);
  const help = (isTold ? refusals[last.cause]?.hint(agent) : undefined) ?? "";
  const more = [look, help].filter((line) => line !== "").join("\n");
  const told: Record<ReceiptStatus, [string, number, string]> = {
    queued: [
      reason.startsWith("waits: ")
        ? `message ${id} waits for ${agent}: ${reason.slice("waits: ".length)}`
        : `message ${id} waits for ${agent}, which works or has others to take first`,
      exitCodes.queued,
      help === "" ? `${look}\nmosaic agent status ${agent}` : more,
    ],
    // Sent again it could arrive twice.
    typed: [
      `message ${id} was typed into ${agent} but is not proven to be submitted: ${reason}`,
      exitCodes.unproven,
      `look before you send it again: mosaic agent tail ${agent} -n 20`,
    ],
    submitted: notYet(message.id, { agent, status, wait }),
    accepted: notYet(message.id, { agent, status, wait }),
    answered: notYet(message.id, { agent, status, wait }),
    refused: [
      `${refusal?.what ?? ""} ${agent}${refusal?.more ?? ""}: ${reason}`,
      refusal?.exitCode ?? exitCodes.refused,
      refusal?.hint(agent) ?? "",
    ],
    expired: [`message ${id} to ${agent} has expired: ${reason}`, exitCodes.failed, more],
    failed:
      acceptedBy === undefined
        ? [`cannot send to ${agent}: ${reason}`, exitCodes.failed, `${look}\nmosaic doctor`]
        : [`${agent} took message ${id}, but ${reason}`, exitCodes.failed, look],
  };
  const [what, exitCode, hint] = told[status];
  return new AppError(what, { exitCode, hint });
}

function notYet(
  id: string,
  { agent, status, wait }: { agent: string; status: ReceiptStatus; wait: Waitable | undefined },
): [string, number, string] {
  const hint = `mosaic agent messages --id ${id}\nmosaic agent tail ${agent} -n 20`;
  return [
    `message ${id} to ${agent} is ${status}, and not ${wait} in time`,
    exitCodes.unproven,
    hint,
  ];
}

interface Refusal {
  what: string;
  more: string;
  exitCode: number;
  hint: (agent: string) => string;
}

/** By the cause of a refusal. */
const refusals: Readonly<Record<string, Refusal>> = {
  "not-running": {
    what: "cannot send to",
    more: "",
    exitCode: exitCodes.notRunning,
    hint: (agent) => `mosaic fleet start ${agent}\nmosaic agent why ${agent}`,
  },
  busy: {
    what: "cannot send to",
    more: " now",
    exitCode: exitCodes.busy,
    hint: () => "try again in a moment",
  },
  question: {
    what: "refused to type into",
    more: "",
    exitCode: exitCodes.refused,
    hint: (agent) => `answer it: mosaic agent attach ${agent}`,
  },
  leftover: {
    what: "refused to type into",
    more: "",
    exitCode: exitCodes.refused,
    hint: (agent) =>
      `Enter sends what stands there, Ctrl-C takes it out: mosaic agent attach ${agent}`,
  },
  dropped: {
    what: "refused to type into",
    more: "",
    exitCode: exitCodes.refused,
    hint: (agent) => `mosaic agent messages ${agent}`,
  },
  draft: {
    what: "refused to type into",
    more: "",
    exitCode: exitCodes.refused,
    hint: (agent) => `send or clear the draft: mosaic agent attach ${agent}`,
  },
  "": {
    what: "refused to type into",
    more: "",
    exitCode: exitCodes.refused,
    hint: (agent) => `mosaic agent attach ${agent}`,
  },
};
