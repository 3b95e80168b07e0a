// HTTP downloads, whole into memory: a release is 50 MB. What goes wrong is told as AppError that names the address.
import type { Downloads } from "../context.ts";
import { AppError } from "../errors.ts";

/** A server that sends nothing for so long is not going to. */
const idleTimeoutMs = 60_000;

/** As Context.download says. */
export const download: Downloads = async (url, { onProgress } = {}) => {
  const stop = new AbortController();
  const idle = () =>
    setTimeout(() => stop.abort(new Error("nothing came for a minute")), idleTimeoutMs);
  let timer = idle();
  try {
    const answer = await fetch(url, { signal: stop.signal });
    if (answer.status === 404) return undefined;
    if (!answer.ok) throw new Error(`the server answers ${answer.status}`);
    const expected = Number(answer.headers.get("content-length") ?? 0);
    const chunks: Uint8Array[] = [];
    let received = 0;
    for await (const chunk of answer.body ?? []) {
      clearTimeout(timer);
      timer = idle();
      chunks.push(chunk);
      received += chunk.length;
      onProgress?.(received, expected);
    }
    // A length counts what was sent, which is less than what arrives when it was compressed on the way.
    const isWhole = answer.headers.has("content-encoding") || received >= expected;
    if (!isWhole) throw new Error(`it ended after ${received} of ${expected} bytes`);
    return Buffer.concat(chunks);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new AppError(`cannot get ${url}: ${reason}`, { cause: error });
  } finally {
    clearTimeout(timer);
  }
};
