// The envelope of a message to an agent: the header line that names its id and its sender. Pure.
// framework/tools/tmux/agent-send.sh writes the same envelope; a test holds the two equal.

/** What our delivery wraps around a text. */
export interface Envelope {
  id: string;
  /** Who sent it, such as `host:operator`. */
  label: string;
  /** The text as the sender gave it. */
  body: string;
}

/**
 * The first line of every message. A text that starts with `!` runs a shell and one that starts with `/` a command
 * in most runtimes; behind the header it does neither (research: 100 % on four runtimes).
 */
export function messageHeader(id: string, label: string): string {
  return `[mosaic ${id} from ${label}]`;
}

/**
 * Ends every message: a text that ends in `@word` opens a file popup in opencode, which eats the Enter; a space
 * behind it does not. Runtimes trim it.
 */
export const trailingMark = " ";

/** What the agent gets of a message, as agent-send.sh and send-message.sh make it too. */
export function sealEnvelope({ id, label, body }: Envelope): string {
  const text = sanitized(body).replaceAll(/\r\n?/g, "\n").replace(/\n+$/, "");
  return `${messageHeader(id, label)}\n${text}${trailingMark}`;
}

/** Takes the envelope off; undefined when the text has none. At most one trailing mark is ours. */
export function openEnvelope(text: string): Envelope | undefined {
  const header = /^\[mosaic ([A-Za-z0-9_-]+) from ([^\]\n]*)\]\n/.exec(text);
  if (header === null) return undefined;
  const [line, id = "", label = ""] = header;
  const rest = text.slice(line.length);
  const body = rest.endsWith(trailingMark) ? rest.slice(0, -trailingMark.length) : rest;
  return { id, label, body };
}

/** An envelope as it stands in a prompt. */
export interface PromptEnvelope extends Envelope {
  /** The words in front of the first one; empty for those behind it. */
  front: string;
}

/**
 * All envelopes in a prompt: a runtime may join several messages, and put tags around them. Each `body` goes to the end of
 * the prompt, what follows included. A header that somebody quotes is one too: whoever asks must know the id.
 */
export function envelopesIn(prompt: string): PromptEnvelope[] {
  const headers = prompt.matchAll(/\[mosaic ([A-Za-z0-9_-]+) from ([^\]\n]*)\][ \t]*\r?\n/g);
  return [...headers].map(({ 0: line, 1: id = "", 2: label = "", index }, place) => {
    const front = place === 0 ? prompt.slice(0, index) : "";
    return { id, label, body: prompt.slice(index + line.length), front };
  });
}

/**
 * What an agent got of a text, whatever its runtime rewrites (runtimes.ts): white space, tags around it, the form of its
 * accents. `more`: the text, and words beside it that are of no message: somebody typed while it was typed.
 */
export function compareText(
  { body, front }: Pick<PromptEnvelope, "body" | "front">,
  text: string,
): "whole" | "more" | "other" {
  const [got, sent] = [bare(body), bare(sanitized(text))];
  if (!got.startsWith(sent)) return "other";
  const rest = got.slice(sent.length);
  const isAlone = rest === "" || /^\[mosaic[A-Za-z0-9_-]+from[^\]]*\]/.test(rest);
  return isAlone && bare(front) === "" ? "whole" : "more";
}

function bare(text: string): string {
  const plain = text.replaceAll(/<\/?pasted_content[^>]*>/g, "").replaceAll(/\s+/g, "");
  return plain.normalize("NFC");
}

/** The text as send-message.sh types it, white space aside: without control characters, those of direction included. */
export function sanitized(text: string): string {
  return text.replaceAll(/(?![\t\n\r])\p{Cc}|[\u202A-\u202E\u2066-\u2069]/gu, "");
}
