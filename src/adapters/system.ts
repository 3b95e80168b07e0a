// Puts the real Context together. Nothing here runs before it is asked for: a missing HOME is no fault of
// `mosaic --help`.
import { lstatSync } from "node:fs";
import { hostname } from "node:os";
import type { Context, Paths } from "../context.ts";
import { releaseKeys, target } from "../release.ts";
import { commit, version } from "../version.ts";
import { assets } from "./assets.ts";
import { clock } from "./clock.ts";
import { download } from "./download.ts";
import { exec } from "./exec.ts";
import { files } from "./files.ts";
import { httpGet, serveHttp } from "./http.ts";
import { resolvePaths } from "./paths.ts";
import { processes } from "./processes.ts";
import { prompts } from "./prompts.ts";
import { randomHex } from "./random.ts";
import { untilSignal } from "./signals.ts";
import { sockets } from "./sockets.ts";
import { runInteractive, spawn } from "./spawn.ts";
import { setDatabaseAside } from "./set-aside.ts";
import { openDatabase } from "./sqlite.ts";
import { createIo } from "./terminal.ts";

/**
 * The machine we run on. Never throws; the first use of `paths` throws AppError (exit 2) when HOME is missing or
 * not absolute.
 */
export function createContext(): Context {
  const { env } = process;
  let paths: Paths | undefined;
  let name: string | undefined;
  return {
    exec,
    runInteractive,
    spawn,
    untilSignal,
    files,
    clock,
    env,
    get paths() {
      paths ??= resolvePaths(env, ownCommand());
      return paths;
    },
    io: createIo(env),
    prompts,
    processes,
    openDatabase,
    setDatabaseAside,
    async openSqlServer(path) {
      const { openSqlServer } = await import("./sql-server.ts");
      return await openSqlServer(path);
    },
    async connectPostgres(url) {
      const { connectPostgres } = await import("./postgres.ts");
      return connectPostgres(url);
    },
    async connectValkey(url) {
      const { connectValkey } = await import("./valkey.ts");
      return await connectValkey(url);
    },
    serveHttp,
    httpGet,
    forgetEnv(names) {
      for (const variable of names) delete env[variable];
    },
    assets,
    sockets,
    download,
    release: { target, keys: releaseKeys },
    host: {
      get name() {
        return (name ??= hostname());
      },
      // Absent on Windows only, which is no target.
      uid: process.getuid?.() ?? 0,
      pid: process.pid,
      version,
      commit,
    },
    randomHex,
  };
}

/** argv that runs this program again: the binary alone, or bun and the source in development. */
function ownCommand(): string[] {
  if (Bun.isStandaloneExecutable) return [lastingPath(process.execPath)];
  return [process.execPath, `${import.meta.dir.slice(0, -"/adapters".length)}/main.ts`];
}

/**
 * The link that install.sh made and `mosaic update` changes, for a program that lies behind it: what is written into
 * units and launch files has to outlast this version.
 */
function lastingPath(executable: string): string {
  const [, root] = /^(.*)\/versions\/[^/]+\/mosaic$/.exec(executable) ?? [];
  if (root === undefined) return executable;
  const link = lstatSync(`${root}/mosaic`, { throwIfNoEntry: false });
  return link?.isSymbolicLink() === true ? `${root}/mosaic` : executable;
}
