// A gateway of the compiled binary, on a free port, in the environment of a fleet or of a folder of its own.
// Over 200 lines because a gateway, its home, its accounts and its requests are used together by every test of it.
import { spawn } from "node:child_process";
import { createServer } from "node:net";
import { once } from "node:events";
import { eventually } from "./eventually.ts";
import { mosaicBinary } from "./mosaic-binary.ts";
import { isRunning, signal } from "./processes.ts";
import { type CommandResult, runCommand } from "./run-command.ts";

/** Of the admin of every test gateway. */
export const admin = { name: "Admin", email: "admin@example.com", password: "correct-horse-7" };

export interface Answered {
  status: number;
  headers: Headers;
  text: string;
  /** The answer as JSON; undefined when it is none. */
  json: any;
}

export interface Ask {
  method?: string;
  body?: unknown;
  headers?: Record<string, string>;
  /** A session cookie of `login`, or a token. */
  cookie?: string;
  token?: string;
}

export interface TestGateway extends AsyncDisposable {
  url: string;
  port: number;
  env: Readonly<Record<string, string>>;
  pid(): number;
  /** What it printed so far, of all its runs. */
  log(): string;
  start(): Promise<void>;
  stop(name?: NodeJS.Signals): Promise<void>;
  ask(path: string, options?: Ask): Promise<Answered>;
  /** The session cookie. */
  login(who?: { email: string; password: string }): Promise<string>;
  /** A token of the admin with these scopes. */
  token(...scopes: string[]): Promise<string>;
  mosaic(...words: string[]): Promise<CommandResult>;
}

/** Started, with its admin. `await using` ends it. */
export async function testGateway({
  env: given,
  isStarted = true,
  hasAdmin = true,
  through = [],
  cwd = "/",
}: {
  env: Readonly<Record<string, string>>;
  isStarted?: boolean;
  /** Whether to make one; the second gateway of a team has the admin of the first. */
  hasAdmin?: boolean;
  /** A program that becomes the gateway, before its argv. */
  through?: readonly string[];
  cwd?: string;
}): Promise<TestGateway> {
  const binary = await mosaicBinary();
  const port = await freePort();
  const env = { ...given, MOSAIC_GATEWAY_PORT: String(port) };
  const host = given["MOSAIC_GATEWAY_HOST"] ?? "127.0.0.1";
  const url = `http://${host.includes(":") ? `[${host}]` : host}:${port}`;
  let output = "";
  let pid = 0;
  // All its threads: what they held, such as the lock of this home, is free then.
  let ended: Promise<unknown> = Promise.resolve();
  const mosaic = (...words: string[]): Promise<CommandResult> =>
    runCommand([binary, ...words], { env, cwd: "/", timeoutMs: 60_000 });
  const gateway: TestGateway = {
    url,
    port,
    env,
    mosaic,
    pid: () => pid,
    log: () => output,
    async start() {
      const argv = [...through, binary, "gateway", "run"];
      const child = spawn(argv[0] ?? binary, argv.slice(1), {
        env,
        cwd,
        stdio: ["ignore", "pipe", "pipe"],
      });
      for (const stream of [child.stdout, child.stderr]) {
        stream.on("data", (chunk: Buffer) => (output += chunk.toString()));
      }
      pid = child.pid ?? 0;
      ended = once(child, "exit");
      await eventually(async () => (await gateway.ask("/readyz")).status === 200, {
        what: "the gateway to be ready",
        timeoutMs: 15_000,
      }).catch((error) => {
        throw new Error(`${error}; exit ${child.exitCode}; it said: ${output}`);
      });
    },
    async stop(name = "SIGTERM") {
      if (pid === 0) return;
      signal(pid, name);
      await eventually(() => !isRunning(pid), { what: "the gateway to end", timeoutMs: 15_000 });
      await ended;
      pid = 0;
    },
    async ask(path, { method, body, headers = {}, cookie, token } = {}) {
      const response = await fetch(`${url}${path}`, {
        method: method ?? (body === undefined ? "GET" : "POST"),
        headers: {
          ...(body === undefined ? {} : { "content-type": "application/json" }),
          ...(cookie === undefined ? {} : { cookie }),
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
          ...headers,
        },
        ...(body === undefined
          ? {}
          : { body: typeof body === "string" ? body : JSON.stringify(body) }),
      });
      const text = await response.text();
      return { status: response.status, headers: response.headers, text, json: jsonOf(text) };
    },
    async login(who = admin) {
      const { email, password } = who;
      const answer = await gateway.ask("/api/v1/login", { body: { email, password } });
      if (answer.status !== 200) throw new Error(`login: ${answer.status} ${answer.text}`);
      return (answer.headers.get("set-cookie") ?? "").split(";")[0] ?? "";
    },
    async token(...scopes) {
      const cookie = await gateway.login();
      const answer = await gateway.ask("/api/v1/tokens", {
        cookie,
        body: { name: "test", scopes },
      });
      if (answer.status !== 201) throw new Error(`token: ${answer.status} ${answer.text}`);
      return answer.json.token;
    },
    [Symbol.asyncDispose]: () => gateway.stop("SIGKILL"),
  };
  if (hasAdmin) await makeAdmin(binary, env);
  if (isStarted) await gateway.start();
  return gateway;
}

/** By `gateway admin create`, whether the gateway runs or not. */
export async function makeAdmin(
  binary: string,
  env: Readonly<Record<string, string>>,
): Promise<void> {
  const created = await runCommand([binary, "gateway", "admin", "create"], {
    env: {
      ...env,
      MOSAIC_ADMIN_NAME: admin.name,
      MOSAIC_ADMIN_EMAIL: admin.email,
      MOSAIC_ADMIN_PASSWORD: admin.password,
    },
    cwd: "/",
  });
  if (created.exitCode !== 0) throw new Error(created.stderr);
}

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}

/** Reads a stream of events until one is as wanted; all texts of `line` events so far. */
export async function readTail(
  response: Response,
  until: (lines: readonly string[], last: { event: string; data: string; id: string }) => boolean,
): Promise<string[]> {
  const lines: string[] = [];
  let rest = "";
  const reader = response.body?.getReader();
  if (reader === undefined) throw new Error("no stream");
  const decoder = new TextDecoder();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return lines;
    rest += decoder.decode(value, { stream: true });
    const blocks = rest.split("\n\n");
    rest = blocks.pop() ?? "";
    for (const block of blocks) {
      const field = (name: string) => new RegExp(`^${name}: (.*)$`, "m").exec(block)?.[1] ?? "";
      const seen = { event: field("event"), data: field("data"), id: field("id") };
      if (seen.event === "line") lines.push(JSON.parse(seen.data).text);
      if (until(lines, seen)) {
        await reader.cancel();
        return lines;
      }
    }
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
