// The start of a gateway whose PostgreSQL is away: it answers 503 until the store is there, instead of ending.
import type { Context } from "../context.ts";
import { AppError, exitCodes } from "../errors.ts";
import { type OpenedStore, openGatewayStore } from "./open-store.ts";
import { Problem, problemResponse } from "./problem.ts";
import type { GatewaySettings } from "./settings.ts";

/** Between two tries. */
const pauseMs = 1_000;

/** undefined when a signal came first. Throws AppError as openGatewayStore does, but not for a server that is away. */
export async function openStoreInTime(
  ctx: Context,
  settings: GatewaySettings,
  signalled: Promise<unknown>,
): Promise<OpenedStore | undefined> {
  const first = await tryToOpen(ctx, settings);
  if ("sql" in first) return first;
  ctx.io.err(`mosaic: ${first.message}; requests are answered 503 until it can\n`);
  const { host: hostname, port } = settings;
  const server = ctx.serveHttp({ hostname, port, maxBodyBytes: 0, fetch: () => notYet() });
  const stop = new AbortController();
  void signalled.then(() => stop.abort());
  try {
    while (!stop.signal.aborted) {
      await ctx.clock.sleep(pauseMs, stop.signal);
      const opened = await tryToOpen(ctx, settings);
      if ("sql" in opened) return opened;
    }
    return undefined;
  } finally {
    await server.close(0);
  }
}

async function tryToOpen(ctx: Context, settings: GatewaySettings): Promise<OpenedStore | AppError> {
  try {
    return await openGatewayStore(ctx, settings);
  } catch (error) {
    const isAway = error instanceof AppError && error.exitCode === exitCodes.busy;
    // A file that is locked does not come back by waiting: somebody else has it.
    if (isAway && settings.tier === "team") return error;
    throw error;
  }
}

function notYet(): Response {
  const problem = new Problem("unavailable", "the store cannot be reached", {
    retryAfterSeconds: 2,
  });
  const response = problemResponse(problem);
  response.headers.set("cache-control", "no-store");
  return response;
}
