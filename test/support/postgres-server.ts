// A PostgreSQL of the test's own: its data in a folder of its own, a free port of loopback, a user that is not root. Real, since
// what happens when it stops and comes back is what the tests are about.
import { chownSync, mkdtempSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { eventually } from "./eventually.ts";
import { freePort } from "./gateway.ts";
import { isRunning, signal } from "./processes.ts";
import { outputOf } from "./run-command.ts";

export interface PostgresServer extends AsyncDisposable {
  /** Makes an empty database; the URL by which a gateway reaches it. */
  database(name: string): Promise<string>;
  start(): Promise<void>;
  /** SIGQUIT is its immediate shutdown, as after a crash; SIGINT ends sessions first (postgresql.org/docs/15/server-shutdown.html). */
  stop(how?: "SIGINT" | "SIGQUIT"): Promise<void>;
  /** Its processes stay, and answer nothing: a machine that hangs. */
  pause(): void;
  resume(): void;
}

const password = "postgres-of-the-test";

/** Started. `await using` ends it and removes its data. */
export async function postgresServer(): Promise<PostgresServer> {
  const bin = binFolder();
  const dir = mkdtempSync(`${realpathSync(tmpdir())}/mosaic-pg-`);
  const data = `${dir}/data`;
  const as = await ownerOf(dir);
  const port = await freePort();
  const env = { PATH: "/usr/bin:/bin", LANG: "C.UTF-8", ...markOfRun() };
  const init = ["-D", data, "-U", "mosaic", "-A", "scram-sha-256", "--pwfile=/dev/stdin"];
  await outputOf([...as, `${bin}/initdb`, ...init, "--no-sync", "-E", "UTF8"], {
    env,
    cwd: "/",
    stdin: `${password}\n`,
    timeoutMs: 90_000,
  });
  let pid = 0;
  const urlOf = (name: string) => `postgres://mosaic:${password}@127.0.0.1:${port}/${name}`;
  const ask = async (statement: string): Promise<void> => {
    await using sql = new Bun.SQL({ url: urlOf("postgres"), adapter: "postgres", max: 1 });
    await sql.unsafe(statement);
  };
  const server: PostgresServer = {
    async database(name) {
      await ask(`CREATE DATABASE ${name}`);
      return urlOf(name);
    },
    async start() {
      const options = [
        "-D",
        data,
        "-p",
        String(port),
        "-k",
        dir,
        "-c",
        "listen_addresses=127.0.0.1",
      ];
      const child = Bun.spawn([...as, `${bin}/postgres`, ...options], {
        env,
        cwd: "/",
        stdin: "ignore",
        stdout: Bun.file(`${dir}/log`),
        stderr: Bun.file(`${dir}/log`),
      });
      ({ pid } = child);
      await eventually(() => ask("SELECT 1").then(() => true), {
        what: "PostgreSQL to answer",
        timeoutMs: 30_000,
      });
    },
    async stop(how = "SIGINT") {
      if (pid === 0) return;
      signal(pid, how);
      await eventually(() => !isRunning(pid), { what: "PostgreSQL to end", timeoutMs: 20_000 });
      pid = 0;
    },
    pause: () => family(pid).forEach((one) => signal(one, "SIGSTOP")),
    resume: () => family(pid).forEach((one) => signal(one, "SIGCONT")),
    async [Symbol.asyncDispose]() {
      server.resume();
      await server.stop("SIGQUIT");
      rmSync(dir, { recursive: true, force: true });
    },
  };
  await server.start();
  return server;
}

/** Debian keeps one folder per major version; the newest one. */
function binFolder(): string {
  const found = [...new Bun.Glob("usr/lib/postgresql/*/bin/initdb").scanSync({ cwd: "/" })];
  const newest = found.toSorted((a, b) => a.localeCompare(b, undefined, { numeric: true })).at(-1);
  if (newest === undefined) throw new Error("there is no PostgreSQL: apt-get install postgresql");
  return `/${newest.slice(0, -"/initdb".length)}`;
}

/** PostgreSQL refuses to run as root. What runs it as Debian's user of that name; nothing where we are not root. */
async function ownerOf(dir: string): Promise<string[]> {
  if (process.getuid?.() !== 0) return [];
  const [uid, gid] = await Promise.all(
    ["-u", "-g"].map(async (flag) => Number(await outputOf(["id", flag, "postgres"]))),
  );
  if (uid === undefined || gid === undefined) throw new Error("there is no user postgres");
  chownSync(dir, uid, gid);
  return ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"];
}

function family(pid: number): number[] {
  if (pid === 0) return [];
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim();
  return [pid, ...children.split(" ").filter(Boolean).map(Number)];
}

function markOfRun(): Record<string, string> {
  const run = process.env["MOSAIC_TEST_RUN"];
  return run === undefined ? {} : { MOSAIC_TEST_RUN: run };
}
