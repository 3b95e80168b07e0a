// The body of a request: JSON, not too large, and not too slow.
import type { Clock } from "../../context.ts";
import { Problem } from "../problem.ts";

/** A message of a million bytes, escaped, and what is around it. */
export const maxBodyBytes = 2_500_000;

/** Whoever trickles a body gets no longer than this. */
const bodyTimeoutMs = 15_000;

/** undefined without a body. Throws Problem: 408, 413, 415 for another type, 400 for what is no JSON. */
export async function readJson(request: Request, clock: Pick<Clock, "sleep">): Promise<unknown> {
  const declared = Number(request.headers.get("content-length") ?? 0);
  if (declared > maxBodyBytes) throw tooLarge();
  if (request.body === null) return undefined;
  const text = await readText(request.body, clock);
  if (text === "") return undefined;
  // What a form of another site could send without a question is not JSON.
  const type = (request.headers.get("content-type") ?? "").split(";")[0]?.trim().toLowerCase();
  if (type !== "application/json") {
    throw new Problem("unsupported-media-type", "send content-type: application/json");
  }
  try {
    return JSON.parse(text);
  } catch {
    throw new Problem("invalid-request", "the body is not JSON");
  }
}

async function readText(
  stream: ReadableStream<Uint8Array>,
  clock: Pick<Clock, "sleep">,
): Promise<string> {
  const reader = stream.getReader();
  const done = new AbortController();
  const late = clock.sleep(bodyTimeoutMs, done.signal).then(() => "late" as const);
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  try {
    for (;;) {
      const read = await Promise.race([reader.read(), late]);
      if (read === "late") throw new Problem("timeout", "the body did not arrive in time");
      if (read.done) return Buffer.concat(chunks).toString("utf8");
      bytes += read.value.length;
      if (bytes > maxBodyBytes) throw tooLarge();
      chunks.push(read.value);
    }
  } finally {
    done.abort();
    void reader.cancel().catch(() => undefined);
  }
}

function tooLarge(): Problem {
  return new Problem("body-too-large", `at most ${maxBodyBytes} bytes`);
}
