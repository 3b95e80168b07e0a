// A Redis of the test's own (Debian's; the protocol that Valkey speaks too) on a free port of loopback, which keeps nothing.
import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { eventually } from "./eventually.ts";
import { freePort } from "./gateway.ts";
import { isRunning, signal } from "./processes.ts";
import { runCommand } from "./run-command.ts";

export interface ValkeyServer extends AsyncDisposable {
  url: string;
  start(): Promise<void>;
  stop(how?: NodeJS.Signals): Promise<void>;
  /** It stays, and answers nothing: a machine that hangs. */
  pause(): void;
  resume(): void;
  /** `redis-cli WORDS…`. */
  cli(...words: string[]): Promise<string>;
}

const password = "valkey-of-the-test";

/** Started. `await using` ends it. */
export async function valkeyServer(): Promise<ValkeyServer> {
  const dir = mkdtempSync(`${realpathSync(tmpdir())}/mosaic-kv-`);
  const port = await freePort();
  let pid = 0;
  const server: ValkeyServer = {
    url: `redis://:${password}@127.0.0.1:${port}`,
    async start() {
      const options = ["--port", String(port), "--bind", "127.0.0.1", "--dir", dir, "--save", ""];
      const child = Bun.spawn(["redis-server", ...options, "--requirepass", password], {
        cwd: "/",
        stdio: ["ignore", "ignore", "ignore"],
      });
      ({ pid } = child);
      await eventually(async () => (await server.cli("PING")) === "PONG", {
        what: "Redis to answer",
        timeoutMs: 15_000,
      });
    },
    async stop(how = "SIGKILL") {
      if (pid === 0) return;
      signal(pid, how);
      await eventually(() => !isRunning(pid), { what: "Redis to end", timeoutMs: 10_000 });
      pid = 0;
    },
    pause: () => signal(pid, "SIGSTOP"),
    resume: () => signal(pid, "SIGCONT"),
    async cli(...words) {
      const env = { PATH: "/usr/bin:/bin", REDISCLI_AUTH: password };
      const argv = ["redis-cli", "-h", "127.0.0.1", "-p", String(port), ...words];
      return (await runCommand(argv, { env })).stdout.trim();
    },
    async [Symbol.asyncDispose]() {
      await server.stop();
      rmSync(dir, { recursive: true, force: true });
    },
  };
  await server.start();
  return server;
}
