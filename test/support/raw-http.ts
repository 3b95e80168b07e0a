// HTTP as no client library would send it: bytes over a TCP connection, and whatever comes back.
import { connect } from "node:net";
import { once } from "node:events";
import { eventually } from "./eventually.ts";

export interface RawAnswer {
  status: number;
  /** Names in lower case; of several the last. */
  headers: Record<string, string>;
  body: string;
}

export interface RawConnection extends Disposable {
  write(bytes: string | Buffer): void;
  /** All bytes that came so far. */
  received(): string;
  /** Whether the other side has ended the connection. */
  isClosed(): boolean;
  closed: Promise<unknown>;
}

/** A connection to a port of loopback. `using` ends it. */
export async function rawConnection(port: number, host = "127.0.0.1"): Promise<RawConnection> {
  const socket = connect(port, host);
  let text = "";
  let hasEnded = false;
  const { promise, resolve } = Promise.withResolvers<void>();
  socket.on("data", (chunk) => (text += chunk.toString("latin1")));
  socket.on("error", () => undefined);
  socket.on("end", () => socket.end());
  socket.on("close", () => {
    hasEnded = true;
    resolve();
  });
  await once(socket, "connect");
  return {
    write: (bytes) => void socket.write(bytes),
    received: () => text,
    isClosed: () => hasEnded,
    closed: promise,
    [Symbol.dispose]: () => socket.destroy(),
  };
}

/**
 * The answers to these bytes: as many as are wanted, or those until the server closed the connection. Throws when neither comes
 * to pass. The sender's side stays open.
 */
export async function rawAnswers(
  port: number,
  bytes: string | Buffer,
  { count = 1 }: { count?: number } = {},
): Promise<RawAnswer[]> {
  using connection = await rawConnection(port);
  connection.write(bytes);
  return await eventually(() => parseAnswers(connection.received()), {
    what: `the answers to ${JSON.stringify(bytes.toString().slice(0, 200))}`,
    until: (answers) => connection.isClosed() || answers.length >= count,
    timeoutMs: 20_000,
    intervalMs: 5,
  });
}

/** Of answers with a Content-Length, chunks, or no body. */
export function parseAnswers(text: string): RawAnswer[] {
  const answers: RawAnswer[] = [];
  let rest = text;
  for (;;) {
    const head = /^HTTP\/1\.1 (\d{3})[^\r\n]*\r\n([\s\S]*?)\r\n\r\n/.exec(rest);
    if (head === null) return answers;
    rest = rest.slice(head[0].length);
    const headers: Record<string, string> = {};
    for (const line of (head[2] ?? "").split("\r\n")) {
      const at = line.indexOf(":");
      headers[line.slice(0, at).toLowerCase()] = line.slice(at + 1).trim();
    }
    const next = rest.search(/HTTP\/1\.1 \d{3}/);
    const end = next === -1 ? rest.length : next;
    if (end < Number(headers["content-length"] ?? 0) && next === -1) return answers;
    answers.push({ status: Number(head[1]), headers, body: rest.slice(0, end) });
    rest = rest.slice(end);
  }
}

/** The bytes of a request; Host is that of the port unless it is given. */
export function rawRequest(
  port: number,
  line: string,
  headers: readonly string[] = [],
  body = "",
): string {
  const host = headers.some((one) => /^host:/i.test(one)) ? [] : [`Host: 127.0.0.1:${port}`];
  return [`${line} HTTP/1.1`, ...host, ...headers, "", body].join("\r\n");
}
