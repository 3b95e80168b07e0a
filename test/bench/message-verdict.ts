// Whether an answer is that of its message, in a soak whose texts say what the fake model answers.
import type { SentMessage } from "../support/message-fleet.ts";

interface Asked {
  text: string;
  sent: Pick<SentMessage, "status" | "answer" | "receipts">;
}

/** What the model answers to this text. */
export function replyOf(text: string): string {
  return /\[\[reply=([^\]]*)/.exec(text)?.[1] ?? "";
}

/** `shared`: true too, for it says that the turn was that of others, and one of those has this answer as its own. */
export function verdictOn(
  { text, sent }: Asked,
  all: readonly Asked[],
): "own" | "shared" | "false" | "none" {
  if (sent.status !== "answered") return "none";
  if (sent.answer === replyOf(text)) return "own";
  const other = all.find((one) => replyOf(one.text) === sent.answer)?.sent;
  return isShared(sent) && other !== undefined && isShared(other) ? "shared" : "false";
}

function isShared({ receipts }: Pick<SentMessage, "receipts">): boolean {
  const answered = receipts.find(({ status }) => status === "answered");
  return /whose answer (is|may be) that to/.test(answered?.evidence ?? "");
}
