// `mosaic gateway run`: the gateway itself, in the foreground, until a signal ends it.
import type { Context } from "../context.ts";
import { isLoopback } from "../domain/addresses.ts";
import type { SettingFlags } from "../config/load.ts";
import { mustOwn } from "../config/own-folders.ts";
import { AppError, exitCodes } from "../errors.ts";
import { ensureFramework } from "../fleet/framework.ts";
import { createPasswords } from "./auth/passwords.ts";
import { openBus } from "./bus/bus.ts";
import { beatMs, createPresence } from "./bus/presence.ts";
import { writeContact } from "./contact.ts";
import { createFaultLog } from "./faults.ts";
import { createRemoteTails } from "./bus/remote-tails.ts";
import { relayTails, type TailRelay } from "./bus/tail-relay.ts";
import { leaseMs } from "./bus/tail-wire.ts";
import { contactFile, lockFile, ownFolders } from "./files.ts";
import { createFleet } from "./fleet/fleet.ts";
import { openHostMessages } from "./fleet/messages.ts";
import { createTails } from "./fleet/tails.ts";
import type { Gateway } from "./gateway.ts";
import { maxBodyBytes } from "./guards/body.ts";
import { createMetrics } from "./metrics.ts";
import { createPruning, pruneMs } from "./prune.ts";
import { createServer } from "./server.ts";
import { gatewaySettings, secretVariables } from "./settings.ts";
import { findSession } from "./store/sessions.ts";
import { findToken } from "./store/tokens.ts";
import { hasAdmin } from "./store/users.ts";
import { every, reviewMs } from "./streams.ts";
import { openStoreInTime } from "./wait-for-store.ts";
import type { Principal } from "./auth/principal.ts";

/** Between two copies of what changed in state.db. */
const tickMs = 500;

/** How long requests may still run at the end. */
const graceMs = 5_000;

/** Exit code 0 after a signal. Throws AppError: exit 2 for settings, 75 when one runs already, 4 when it would be open to all. */
export async function runGateway(ctx: Context, flags: SettingFlags): Promise<number> {
  const signalled = ctx.untilSignal();
  const settings = await gatewaySettings(ctx, flags);
  // From here on no child of ours gets them.
  ctx.forgetEnv(secretVariables);
  await mustOwn(ctx, ownFolders(ctx.paths));
  using lock = await lockInTime(ctx);
  if (lock === undefined) {
    throw new AppError("a gateway of this home runs already", {
      exitCode: exitCodes.busy,
      hint: "mosaic gateway status",
    });
  }
  await ensureFramework(ctx);
  const opened = await openStoreInTime(ctx, settings, signalled);
  if (opened === undefined) return exitCodes.ok;
  const { schemaVersion } = opened;
  await using sql = opened.sql;
  if (!isLoopback(settings.host) && !(await hasAdmin(sql))) {
    throw new AppError(`nobody could be let in, and ${settings.host} is open to others`, {
      exitCode: exitCodes.refused,
      hint: "mosaic gateway admin create",
    });
  }
  await using bus = await openBus(ctx, settings, { sql });
  const fleet = createFleet(ctx);
  await using messages = await openHostMessages(ctx, { fleet, sql });
  const instance = ctx.randomHex(16);
  const { team } = bus;
  const presence = team && createPresence(ctx, { team, sql, instance });
  const tails = createTails(ctx, fleet);
  const relay = team && relayTails(ctx, { team, tails, hasAgent: (name) => fleet.has(name) });
  const gateway: Gateway = {
    ctx,
    settings,
    sql,
    schemaVersion,
    passwords: createPasswords(),
    bus,
    limiter: bus.limiter,
    fleet,
    messages,
    tails,
    remoteTails: team && createRemoteTails(ctx, team),
    streams: bus.streams,
    metrics: createMetrics(),
    faults: createFaultLog(ctx),
    instance,
    presence,
    startedAt: ctx.clock.now(),
  };
  const { host: hostname, port } = settings;
  const server = ctx.serveHttp({ hostname, port, maxBodyBytes, fetch: createServer(gateway) });
  await announce(ctx, gateway, server.port);
  const stop = new AbortController();
  const work = backgroundWork(gateway, { signal: stop.signal, relay });
  const signal = await signalled;
  ctx.io.err(`mosaic: ${signal}: the gateway ends; agents go on\n`);
  stop.abort();
  gateway.streams.endAll("the gateway restarts or ends");
  await server.close(graceMs);
  await work;
  // A store that hangs must not hold up the end.
  const left = presence?.leave().catch(faultTeller(ctx));
  await Promise.race([left, ctx.clock.sleep(leaveMs)]);
  await ctx.files.remove(contactFile(ctx.paths));
  return exitCodes.ok;
}

/** How long the end waits until the team has heard of it. */
const leaveMs = 2_000;

/** Between two tries, and how many: one that was killed may hold it for a moment, as long as a child of it begins. */
const lockPauseMs = 50;
const lockTries = 20;

async function lockInTime(ctx: Context): Promise<Disposable | undefined> {
  for (let left = lockTries; left > 0; left--) {
    const lock = await ctx.files.tryLock(lockFile(ctx.paths));
    if (lock !== undefined) return lock;
    await ctx.clock.sleep(lockPauseMs);
  }
  return undefined;
}

async function announce(ctx: Context, gateway: Gateway, port: number): Promise<void> {
  const { host, tier } = gateway.settings;
  const name = host.includes(":") ? `[${host}]` : host;
  const reached = host === "0.0.0.0" ? "127.0.0.1" : host === "::" ? "[::1]" : name;
  await writeContact(ctx, {
    schemaVersion: 1,
    pid: ctx.host.pid,
    instance: gateway.instance,
    url: `http://${reached}:${port}`,
    tier,
    version: ctx.host.version,
    startedAt: gateway.startedAt,
  });
  ctx.io.err(`mosaic: the gateway listens on http://${name}:${port} (tier ${tier})\n`);
}

async function backgroundWork(
  gateway: Gateway,
  { signal, relay }: { signal: AbortSignal; relay: TailRelay | undefined },
): Promise<void> {
  const { ctx, sql, messages, streams } = gateway;
  const onFault = faultTeller(ctx);
  const prune = createPruning(ctx.clock, { sql, auditDays: gateway.settings.auditDays });
  await Promise.all([
    every(ctx.clock, { ms: tickMs, signal, onFault }, () => messages.tick()),
    every(ctx.clock, { ms: reviewMs, signal, onFault }, () =>
      streams.review((principal) => holds(gateway, principal)),
    ),
    keepPresent(gateway, { signal, onFault }),
    every(ctx.clock, { ms: leaseMs, signal, onFault }, async () => relay?.sweep()),
    every(ctx.clock, { ms: pruneMs, signal, onFault }, async () => void (await prune())),
  ]);
}

async function keepPresent(
  { ctx, presence, fleet, bus: { team } }: Gateway,
  { signal, onFault }: { signal: AbortSignal; onFault: (error: unknown) => void },
): Promise<void> {
  if (presence === undefined) return;
  // Of a roster that cannot be read whoever asks for it is told.
  const seen = () => fleet.look().catch(onlyAppError);
  const beat = async () => presence.beat(await seen());
  team?.valkey.onUp(() => void beat().catch(onFault));
  await every(ctx.clock, { ms: beatMs, signal, onFault }, beat);
}

function onlyAppError(error: unknown): undefined {
  if (!(error instanceof AppError)) throw error;
}

async function holds(
  { sql, ctx }: Gateway,
  { via, credential, userId }: Principal,
): Promise<boolean> {
  const at = ctx.clock.now();
  const user =
    via === "session"
      ? await findSession(sql, { hash: credential, at })
      : (await findToken(sql, { id: credential, at }))?.user;
  return user?.id === userId;
}

/** Each fault once as long as it lasts: a store that is down would fill the log. A bug of ours ends the gateway. */
function faultTeller(ctx: Context): (error: unknown) => void {
  let last = "";
  return (error) => {
    if (!(error instanceof AppError)) throw error;
    if (error.message !== last) ctx.io.err(`mosaic: ${error.message}\n`);
    last = error.message;
  };
}
