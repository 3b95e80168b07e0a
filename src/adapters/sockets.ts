// JSON over HTTP on a unix socket: how a command talks to the supervisor that runs beside it. Only the owner can
// connect, since the socket lies in a 0700 folder.
import { lstatSync, mkdirSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import type { HttpRequest, Sockets } from "../context.ts";
import { AppError, exitCodes } from "../errors.ts";
import { within } from "./exec.ts";
import { errnoCode, naming } from "./file-faults.ts";

const defaultTimeoutMs = 10_000;

/** How long close() lets running requests finish: stop() alone waits for an open one for ever. */
const closeDeadlineMs = 2_000;

/**
 * Bun's default cuts a request that is quiet for 10 s; a fleet takes longer to start. Untyped, because the types
 * deny the option for unix sockets; it works there, and `server.timeout(request, 0)` does not (measured, 1.4.5).
 */
const noIdleTimeout: object = { idleTimeout: 0 };

/** The real unix sockets. */
export const sockets: Sockets = { request, serve };

async function request(
  socket: string,
  { method, path, body, timeoutMs = defaultTimeoutMs }: HttpRequest,
): Promise<{ status: number; body: unknown } | undefined> {
  try {
    const response = await fetch(`http://mosaic${path}`, {
      unix: socket,
      method,
      redirect: "manual",
      keepalive: false,
      signal: AbortSignal.timeout(timeoutMs),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: response.status, body: await response.json() };
  } catch (error) {
    const code = errnoCode(error);
    // No socket, or one that a killed process left behind.
    if (code === "ENOENT" || code === "ECONNREFUSED") return undefined;
    throw requestFault(error, { socket, timeoutMs });
  }
}

function requestFault(error: unknown, attempt: { socket: string; timeoutMs: number }): unknown {
  if (!(error instanceof Error)) return error;
  if (error.name === "TimeoutError") {
    return new AppError(`no answer on ${attempt.socket} within ${attempt.timeoutMs / 1000} s`, {
      exitCode: exitCodes.busy,
      cause: error,
    });
  }
  const reason =
    error instanceof SyntaxError ? "the answer is not JSON" : (errnoCode(error) ?? error.message);
  return new AppError(`cannot talk on ${attempt.socket}: ${reason}`, { cause: error });
}

type Handler = Parameters<Sockets["serve"]>[1];

async function serve(socket: string, handler: Handler): Promise<{ close(): Promise<void> }> {
  const server = naming({ verb: "listen on", path: socket }, () => {
    mkdirSync(dirname(socket), { recursive: true, mode: 0o700 });
    unlinkSocket(socket);
    return Bun.serve({
      unix: socket,
      development: false,
      ...noIdleTimeout,
      fetch: (incoming) => answer(incoming, handler),
    });
  });
  return {
    async close() {
      await within(closeDeadlineMs, server.stop());
      await server.stop(true);
    },
  };
}

function unlinkSocket(path: string): void {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (stat === undefined) return;
  if (!stat.isSocket()) {
    throw new AppError(`cannot listen on ${path}: there is something that is no socket`, {
      exitCode: exitCodes.refused,
      hint: `ls -l ${path}`,
    });
  }
  rmSync(path, { force: true });
}

async function answer(incoming: Request, handler: Handler): Promise<Response> {
  const { method } = incoming;
  if (method !== "GET" && method !== "POST") return json(405, { error: `no ${method} here` });
  const text = await incoming.text();
  let body: unknown;
  try {
    body = text === "" ? undefined : JSON.parse(text);
  } catch {
    return json(400, { error: "the body is not JSON" });
  }
  const { pathname, search } = new URL(incoming.url);
  try {
    const reply = await handler({ method, path: pathname + search, body });
    return json(reply.status, reply.body);
  } catch (error) {
    // The one who asked must learn of it: nobody reads what a background process would print.
    return json(500, { error: error instanceof Error ? error.message : String(error) });
  }
}

function json(status: number, body: unknown): Response {
  return Response.json(body ?? null, { status });
}
