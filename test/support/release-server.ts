// An HTTP server over a folder that goes wrong on request: by raw TCP, since a real server would not lie about lengths.
import { readFileSync, statSync } from "node:fs";

/**
 * missing: 404 · corrupt: one byte in the middle is another · truncated: the connection ends in the middle of the body ·
 * short: half of the body, and a length that says so · dead: the connection ends before any answer.
 */
export type Fault = "missing" | "corrupt" | "truncated" | "short" | "dead";

export interface ReleaseServer extends Disposable {
  url: string;
  /** Every path that was asked for, in order. */
  asked: string[];
  /** By the end of the path; stays until it is deleted. */
  faults: Map<string, Fault>;
  /** How often a fault still happens; endless when not set. */
  remaining: Map<string, number>;
}

/** Serves the files below a folder on a free port of 127.0.0.1. */
export function releaseServer(folder: string): ReleaseServer {
  const asked: string[] = [];
  const faults = new Map<string, Fault>();
  const remaining = new Map<string, number>();
  const faultOf = (path: string): Fault | undefined => {
    const found = [...faults].find(([end]) => path.endsWith(end));
    if (found === undefined) return undefined;
    const left = remaining.get(found[0]);
    if (left === 0) return undefined;
    if (left !== undefined) remaining.set(found[0], left - 1);
    return found[1];
  };
  const listener = Bun.listen<{ pending: Uint8Array; text: string }>({
    hostname: "127.0.0.1",
    port: 0,
    socket: {
      open: (socket) => void (socket.data = { pending: new Uint8Array(), text: "" }),
      data(socket, chunk) {
        socket.data.text += chunk.toString("latin1");
        if (!socket.data.text.includes("\r\n\r\n")) return;
        const path = decodeURIComponent(/^GET (\S+)/.exec(socket.data.text)?.[1] ?? "/");
        asked.push(path);
        socket.data.pending = answer(readIfThere(`${folder}${path}`), faultOf(path));
        flush(socket);
      },
      drain: (socket) => flush(socket),
    },
  });
  return {
    url: `http://127.0.0.1:${listener.port}`,
    asked,
    faults,
    remaining,
    [Symbol.dispose]: () => listener.stop(true),
  };
}

function flush(socket: Bun.Socket<{ pending: Uint8Array; text: string }>): void {
  const { pending } = socket.data;
  const sent = pending.length === 0 ? 0 : socket.write(pending);
  socket.data.pending = pending.subarray(Math.max(sent, 0));
  if (socket.data.pending.length === 0) socket.end();
}

function answer(body: Uint8Array | undefined, fault: Fault | undefined): Uint8Array {
  if (fault === "dead") return new Uint8Array();
  if (body === undefined || fault === "missing") return head("404 Not Found", 0);
  const half = body.subarray(0, Math.floor(body.length / 2));
  if (fault === "truncated") return Buffer.concat([head("200 OK", body.length), half]);
  if (fault === "short") return Buffer.concat([head("200 OK", half.length), half]);
  const whole = Uint8Array.from(body);
  const middle = Math.floor(body.length / 2);
  if (fault === "corrupt") whole[middle] = (whole[middle] ?? 0) ^ 1;
  return Buffer.concat([head("200 OK", body.length), whole]);
}

function head(status: string, length: number): Uint8Array {
  return Buffer.from(
    `HTTP/1.1 ${status}\r\nContent-Length: ${length}\r\nConnection: close\r\n\r\n`,
  );
}

function readIfThere(path: string): Uint8Array | undefined {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true
    ? readFileSync(path)
    : undefined;
}
