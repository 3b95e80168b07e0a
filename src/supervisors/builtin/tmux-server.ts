// Keeps the tmux server of the fleet alive: starts it, or takes over ours that lives already, and brings it back when
// it dies. Never touches a server that is not ours.
import type { Child, Context } from "../../context.ts";
import { toolFiles } from "../../domain/names.ts";
import { AppError, exitCodes } from "../../errors.ts";
import { noTmux, refuseForeignServer, serverOwner } from "../../fleet/server-owner.ts";
import { tmuxArgv } from "../../fleet/tmux.ts";
import { killOwnServer } from "./kill-server.ts";
import { type ServerProcess, watchProcess } from "./watch-process.ts";

export interface TmuxServer {
  /** We have started it, so it holds no session of before. */
  isNew: boolean;
  /** Resolves when the server answers; while it is being brought back, once it is. */
  ready(): Promise<void>;
  /** Somebody has just lost a session: look whether the server still lives. */
  look(): void;
  /** Rejects when the server cannot be kept alive. */
  broken: Promise<never>;
  /** Ends the server and waits until it is gone. */
  end(): Promise<void>;
  /** Stops watching; the server goes on. */
  leave(): void;
}

export interface TmuxServerOptions {
  socket: string;
  /** The server's whole environment, which is what every pane begins with. */
  env: Readonly<Record<string, string>>;
  report(line: string): void;
}

/** A server that dies this often in a row without ever answering will not come. */
const maxAttempts = 5;
const pauseMs = 200;
const startTimeoutMs = 10_000;
const readyPollMs = 5;

/**
 * The server, answering. Throws AppError: exit 4 for a server that is not ours to run, 1 when tmux is missing or
 * does not come up.
 */
export async function keepTmuxServer(
  ctx: Context,
  options: TmuxServerOptions,
): Promise<TmuxServer> {
  let running = await bringUp(ctx, options);
  const { isNew } = running;
  let up: Promise<void> = Promise.resolve();
  let isLeft = false;
  const broken = Promise.withResolvers<never>();
  // Whoever does not listen is told by the end of the program.
  broken.promise.catch(() => {});

  const watch = async (): Promise<void> => {
    for (;;) {
      await running.gone;
      if (isLeft) return;
      options.report("tmux server: ended, starts again");
      const back = Promise.withResolvers<void>();
      up = back.promise;
      try {
        running = await bringUp(ctx, options);
      } catch (error) {
        return broken.reject(error);
      }
      back.resolve();
    }
  };
  void watch();

  return {
    isNew,
    broken: broken.promise,
    ready: () => up,
    look: () => running.look(),
    leave: () => void (isLeft = true),
    async end() {
      isLeft = true;
      await killOwnServer(ctx, options.socket);
      running.look();
      const late = ctx.clock.sleep(startTimeoutMs).then(() => "late" as const);
      // kill-server answers before the server is gone, and one that hangs does not answer at all.
      if ((await Promise.race([running.gone, late])) === "late") {
        await running.kill();
      }
    },
  };
}

async function bringUp(ctx: Context, options: TmuxServerOptions): Promise<ServerProcess> {
  let words = "";
  for (let attempt = 0; attempt < maxAttempts; attempt++) {
    const owner = await serverOwner(ctx, options.socket);
    if (owner === "foreign")
      await refuseForeignServer(ctx, options.socket, { oursIsForeign: false });
    if (owner === "ours") return await adopt(ctx, options);
    const started = await start(ctx, options);
    if ("pid" in started) {
      options.report(`tmux server: ready pid=${started.pid}`);
      return started;
    }
    words = started.words;
    await ctx.clock.sleep(pauseMs);
  }
  throw new AppError(`the tmux server on socket ${options.socket} does not start: ${words}`, {
    hint: `tmux -L ${options.socket} -f ${toolFiles(ctx.paths).tmuxConf} -D`,
  });
}

/** A new server as our child, or its last words when it ended before it answered. */
async function start(
  ctx: Context,
  { socket, env }: TmuxServerOptions,
): Promise<ServerProcess | { words: string }> {
  const words: string[] = [];
  const argv = ["tmux", "-u", "-L", socket, "-f", toolFiles(ctx.paths).tmuxConf, "-D"];
  const child = spawnTmux(ctx, argv, { env, onLine: (line) => void words.push(line) });
  const hasEnded = child.exited.then(() => true);
  const deadline = ctx.clock.now() + startTimeoutMs;
  while (ctx.clock.now() < deadline) {
    if ((await serverOwner(ctx, socket)) === "ours") {
      return {
        pid: child.pid,
        isNew: true,
        gone: child.exited.then(() => undefined),
        look: () => undefined,
        kill: async () => child.kill("SIGKILL"),
      };
    }
    const pause = ctx.clock.sleep(readyPollMs).then(() => false);
    if (await Promise.race([hasEnded, pause])) {
      return { words: words.slice(-3).join("; ") || "it ended at once" };
    }
  }
  child.kill("SIGKILL");
  return { words: `no answer within ${startTimeoutMs / 1000} s` };
}

function spawnTmux(
  ctx: Context,
  argv: readonly string[],
  options: { env: Readonly<Record<string, string>>; onLine: (line: string) => void },
): Child {
  try {
    return ctx.spawn(argv, options);
  } catch (error) {
    if (error instanceof AppError && error.exitCode === 127) throw noTmux();
    throw error;
  }
}

/** Ours, from a supervisor that was killed; systemd's is ours too, but has its own supervisor. */
async function adopt(ctx: Context, options: TmuxServerOptions): Promise<ServerProcess> {
  const { socket } = options;
  const shown = await ctx.exec(
    tmuxArgv(
      socket,
      ["display-message", "-p", "#{pid}"],
      ["show-environment", "-g", "MOSAIC_SUPERVISOR"],
    ),
  );
  const [line, supervisor] = shown.stdout.split("\n");
  if (supervisor === "MOSAIC_SUPERVISOR=systemd") {
    throw new AppError(`the tmux server on socket ${socket} is run by systemd`, {
      exitCode: exitCodes.refused,
      hint: "systemctl --user stop mosaic-tmux-holder.service",
    });
  }
  const pid = Number(line);
  options.report(`tmux server: taken over pid=${pid}`);
  return watchProcess(ctx, pid);
}
