// When the receipts of a message were given, in epoch milliseconds.
import type { SentMessage } from "../support/message-fleet.ts";

/** How long the model of a slow message takes. */
export const sleepFor = 800;

export interface MessageTimes {
  queued: number;
  submitted: number | undefined;
  accepted: number | undefined;
  answered: number | undefined;
}

/** By status. */
export function times({ receipts }: Pick<SentMessage, "receipts">): MessageTimes {
  const at = (wanted: string): number | undefined => {
    const found = receipts.find(({ status }) => status === wanted);
    return found === undefined ? undefined : Date.parse(found.at);
  };
  return {
    queued: at("queued") ?? 0,
    submitted: at("submitted"),
    accepted: at("accepted"),
    answered: at("answered"),
  };
}
