// HTTP over TCP: the gateway's server, and the one question that a command asks of it.
import type { HttpAnswer, HttpServer, HttpServerOptions } from "../context.ts";
import { AppError, exitCodes } from "../errors.ts";
import { within } from "./exec.ts";
import { errnoCode } from "./file-faults.ts";

/** A connection that sends nothing for so long is closed: a client that trickles its request holds one for no longer. */
const idleTimeoutSeconds = 30;

/** As Context.serveHttp says. `hostname` is always passed on: without it Bun listens on every interface. */
export function serveHttp(options: HttpServerOptions): HttpServer {
  const { hostname, port, maxBodyBytes } = options;
  const server = listening({ hostname, port }, () =>
    Bun.serve({
      hostname,
      port,
      // Its error pages show our source.
      development: false,
      idleTimeout: idleTimeoutSeconds,
      maxRequestBodySize: maxBodyBytes,
      fetch: (request, self) =>
        options.fetch(request, {
          address: self.requestIP(request)?.address ?? "",
          keepOpen: () => self.timeout(request, 0),
        }),
    }),
  );
  return {
    port: server.port ?? port,
    async close(graceMs) {
      // stop() alone waits for open streams for ever.
      await within(graceMs, server.stop());
      await server.stop(true);
    },
  };
}

function listening<T>({ hostname, port }: { hostname: string; port: number }, start: () => T): T {
  try {
    return start();
  } catch (error) {
    const code = errnoCode(error);
    if (code === "EADDRINUSE") {
      throw new AppError(`another program listens on ${hostname} port ${port}`, {
        exitCode: exitCodes.busy,
        hint: `ss -ltnp 'sport = :${port}'\nMOSAIC_GATEWAY_PORT chooses another port`,
        cause: error,
      });
    }
    if (code === undefined) throw error;
    throw new AppError(`cannot listen on ${hostname} port ${port}: ${code}`, {
      hint: "MOSAIC_GATEWAY_HOST and MOSAIC_GATEWAY_PORT say where",
      cause: error,
    });
  }
}

/** As Context.httpGet says. */
export async function httpGet(
  url: string,
  { timeoutMs }: { timeoutMs: number },
): Promise<HttpAnswer | undefined> {
  try {
    const response = await fetch(url, {
      redirect: "manual",
      keepalive: false,
      signal: AbortSignal.timeout(timeoutMs),
    });
    return { status: response.status, body: await response.text() };
  } catch (error) {
    // Nobody listens, hangs, or speaks something else: no answer in any case.
    if (error instanceof Error) return undefined;
    throw error;
  }
}
