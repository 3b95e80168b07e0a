// The body of a request: JSON, not too large, not too deep, and not too slow.
import type { Clock } from "../../context.ts";
import { Problem } from "../problem.ts";

/** A message of a million bytes, escaped, and what is around it. */
export const maxBodyBytes = 2_500_000;

/** Whoever trickles a body gets no longer than this. */
const bodyTimeoutMs = 10_000;

/** Of routes that take no text: what anybody may send must not cost us much to read. */
export const usualBodyBytes = 65_536;

/** Two million brackets take the parser a second, in which nobody else is served; no body of ours has more than three. */
const maxDepth = 16;

/** undefined without a body. Throws Problem: 408, 413, 415 for another type, 400 for what is no JSON. */
export async function readJson(
  request: Request,
  { clock, maxBytes }: { clock: Pick<Clock, "sleep">; maxBytes: number },
): Promise<unknown> {
  const declared = Number(request.headers.get("content-length") ?? 0);
  if (declared > maxBytes) throw tooLarge(maxBytes);
  if (request.body === null) return undefined;
  const text = await readText(request.body, { clock, maxBytes });
  if (text === "") return undefined;
  // What a form of another site could send without a question is not JSON.
  const type = (request.headers.get("content-type") ?? "").split(";")[0]?.trim().toLowerCase();
  if (type !== "application/json") {
    throw new Problem("unsupported-media-type", "send content-type: application/json");
  }
  if (isDeeperThan(maxDepth, text)) throw new Problem("invalid-request", "the body is too deep");
  try {
    return JSON.parse(text);
  } catch {
    throw new Problem("invalid-request", "the body is not JSON");
  }
}

async function readText(
  stream: ReadableStream<Uint8Array>,
  { clock, maxBytes }: { clock: Pick<Clock, "sleep">; maxBytes: number },
): Promise<string> {
  const reader = stream.getReader();
  const done = new AbortController();
  const late = clock.sleep(bodyTimeoutMs, done.signal).then(() => "late" as const);
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  try {
    for (;;) {
      // It rejects when the client has gone: no fault of ours, and nothing for the log.
      const next = reader.read().catch(() => "broken" as const);
      const read = await Promise.race([next, late]);
      if (read === "late") throw new Problem("timeout", "the body did not arrive in time");
      if (read === "broken") throw new Problem("invalid-request", "the body did not arrive whole");
      if (read.done) return Buffer.concat(chunks).toString("utf8");
      bytes += read.value.length;
      if (bytes > maxBytes) throw tooLarge(maxBytes);
      chunks.push(read.value);
    }
  } finally {
    done.abort();
    void reader.cancel().catch(() => undefined);
  }
}

/** Counts brackets outside of strings; one look at each character. */
export function isDeeperThan(most: number, text: string): boolean {
  let depth = 0;
  let isString = false;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (isString) {
      if (code === backslash) index += 1;
      else if (code === quote) isString = false;
    } else if (code === quote) isString = true;
    else if (code === openBracket || code === openBrace) {
      depth += 1;
      if (depth > most) return true;
    } else if (code === closeBracket || code === closeBrace) depth -= 1;
  }
  return false;
}

const [quote, backslash] = [0x22, 0x5c];
const [openBracket, closeBracket, openBrace, closeBrace] = [0x5b, 0x5d, 0x7b, 0x7d];

function tooLarge(maxBytes: number): Problem {
  return new Problem("body-too-large", `at most ${maxBytes} bytes`);
}
