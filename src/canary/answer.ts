// What the canary says to a prompt: enough to prove from outside that every byte arrived. Pure.
import { openEnvelope } from "../domain/message.ts";
import { oneLine, truncate } from "../domain/terminal-text.ts";

/** Columns of the first line that are repeated. */
const firstLineColumns = 60;

/** `canary: N bytes, sha256 HEX16 · first line`, over the text without our envelope; N counts UTF-8 bytes. */
export function answerTo(prompt: string): string {
  const body = openEnvelope(prompt)?.body ?? prompt;
  const { bytes, digest } = fingerprint(body);
  const firstLine = truncate(oneLine(body.split("\n", 1)[0] ?? ""), firstLineColumns);
  return `canary: ${bytes} bytes, sha256 ${digest} · ${firstLine}`;
}

/** Size in UTF-8 bytes and the first 16 hex digits of the SHA-256 of a text. */
export function fingerprint(text: string): { bytes: number; digest: string } {
  const bytes = new TextEncoder().encode(text);
  const digest = new Bun.CryptoHasher("sha256").update(bytes).digest("hex").slice(0, 16);
  return { bytes: bytes.length, digest };
}
