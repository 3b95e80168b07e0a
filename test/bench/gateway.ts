// The gateway beside a bare `Bun.serve` that says hello, in one run: how soon it is ready, what it holds in memory, how many
// authenticated `GET /api/v1/agents` of 100 agents it answers (wrk), and 500 readers of one tail.
// Run: npm run build && bun run test/bench/gateway.ts   (needs Debian's wrk)
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { eventually } from "../support/eventually.ts";
import { freePort, type TestGateway, testGateway } from "../support/gateway.ts";
import { outputOf } from "../support/run-command.ts";
import { isRunning, signal } from "../support/processes.ts";
import { type BenchFleet, benchFleet } from "./bench-fleet.ts";
import { printGoal, printTable, quantile } from "./measure.ts";

const agentCount = 100;
const readerCount = 500;
const rounds = 3;
const idleMs = 10_000;

await using fleet = await benchFleet(agentCount, "builtin");
await fleet.mosaic("fleet", "start");
const env = { ...fleet.env, MOSAIC_RATE_LIMIT: "100000000" };
await using gateway = await testGateway({ env, isStarted: false });
const readyMs = await readyTimes(gateway);
const token = await gateway.token("agents:read");
await Bun.sleep(idleMs);
const idleMb = rssMb(gateway.pid());
printTable("start", [
  ["", "median", "best"],
  [
    "ready after exec",
    `${quantile(readyMs, 0.5).toFixed(0)} ms`,
    `${(readyMs[0] ?? 0).toFixed(0)} ms`,
  ],
  ["idle RSS", `${idleMb.toFixed(1)} MB`, ""],
]);
printGoal("ready within 400 ms", quantile(readyMs, 0.5) <= 400);
printGoal("at most 80 MB idle", idleMb <= 80);
await requests(gateway, token);
await tails(fleet, gateway, token);

async function readyTimes(of: TestGateway): Promise<number[]> {
  const times: number[] = [];
  for (let round = 0; round < 10; round++) {
    const startedAt = performance.now();
    // Looks every 20 ms, which is in the figure.
    await of.start();
    times.push(performance.now() - startedAt);
    if (round < 9) await of.stop();
  }
  return times.toSorted((a, b) => a - b);
}

interface Load {
  perSecond: number;
  p50: string;
  p99: string;
  errors: string;
}

async function requests(of: TestGateway, bearer: string): Promise<void> {
  await using hello = await helloServer();
  const rows: string[][] = [["", "requests/s", "p50", "p99", "RSS", "of hello", ""]];
  for (let round = 0; round < rounds; round++) {
    const bare = await wrk(hello.url, []);
    const header = ["-H", `Authorization: Bearer ${bearer}`];
    const health = await wrk(`${of.url}/healthz`, []);
    const me = await wrk(`${of.url}/api/v1/me`, header);
    const agents = await wrk(`${of.url}/api/v1/agents`, header);
    rows.push(["bare hello", ...rowOf(bare, bare), bare.errors]);
    rows.push(["GET /healthz", ...rowOf(health, bare), health.errors]);
    rows.push(["GET /api/v1/me (token)", ...rowOf(me, bare), me.errors]);
    rows.push([`GET /api/v1/agents (${agentCount}, token)`, ...rowOf(agents, bare), agents.errors]);
  }
  printTable("wrk, 50 connections, 5 s each", rows);

  function rowOf(load: Load, bare: Load): string[] {
    const ratio = `${((load.perSecond / bare.perSecond) * 100).toFixed(1)} %`;
    const rss = load === bare ? rssMb(hello.pid) : rssMb(of.pid());
    return [load.perSecond.toFixed(0), load.p50, load.p99, `${rss.toFixed(0)} MB`, ratio];
  }
}

async function wrk(url: string, extra: readonly string[]): Promise<Load> {
  const said = await outputOf(["wrk", "-t1", "-c50", "-d5s", "--latency", ...extra, url], {
    timeoutMs: 30_000,
  });
  const value = (pattern: RegExp) => pattern.exec(said)?.[1] ?? "";
  return {
    perSecond: Number(value(/Requests\/sec: +([\d.]+)/)),
    p50: value(/50% +(\S+)/),
    p99: value(/99% +(\S+)/),
    errors: value(/(Non-2xx[^\n]*)/),
  };
}

async function helloServer(): Promise<{ url: string; pid: number } & AsyncDisposable> {
  const port = await freePort();
  const script = `Bun.serve({ hostname: "127.0.0.1", port: ${port}, development: false, fetch: () => new Response("hello") })`;
  const child = spawn(process.execPath, ["-e", script], { stdio: "ignore" });
  const url = `http://127.0.0.1:${port}/`;
  await eventually(() => fetch(url).then((response) => response.ok), { timeoutMs: 10_000 });
  const pid = child.pid ?? 0;
  return {
    url,
    pid,
    async [Symbol.asyncDispose]() {
      signal(pid, "SIGTERM");
      await eventually(() => !isRunning(pid));
    },
  };
}

/** Lines that are typed into the agent's `cat`; each reader gets each of them twice: as typed, and as said. */
async function tails(of: BenchFleet, at: TestGateway, bearer: string): Promise<void> {
  const before = rssMb(at.pid());
  const typedAt = new Map<string, number>();
  const arrivals = new Map<string, number[]>();
  const sockets: Socket[] = [];
  // Not by fetch, which holds 256 connections at once and has the others wait (BUN_CONFIG_MAX_HTTP_REQUESTS).
  const read = async (): Promise<void> => {
    const socket = connect(at.port, "127.0.0.1");
    sockets.push(socket);
    const host = `127.0.0.1:${at.port}`;
    const head = [`Host: ${host}`, `Authorization: Bearer ${bearer}`].join("\r\n");
    socket.write(`GET /api/v1/agents/bench-0/tail?lines=0 HTTP/1.1\r\n${head}\r\n\r\n`);
    const seen = new Set<string>();
    const opened = Promise.withResolvers<void>();
    socket.on("error", opened.reject);
    socket.on("data", (chunk) => {
      const text = chunk.toString();
      if (text.startsWith("HTTP/1.1 200")) opened.resolve();
      for (const [mark] of text.matchAll(/mark-\d+/g)) {
        if (seen.has(mark)) continue;
        seen.add(mark);
        arrivals.set(mark, [...(arrivals.get(mark) ?? []), performance.now()]);
      }
    });
    await opened.promise;
  };
  for (let index = 0; index < readerCount; index++) await read();
  const marks = 12;
  for (let index = 0; index < marks; index++) {
    const mark = `mark-${index}`;
    typedAt.set(mark, performance.now());
    await of.tmux("send-keys", "-t", "=bench-0:", mark, "Enter");
    await eventually(() => arrivals.get(mark)?.length === readerCount, {
      timeoutMs: 20_000,
      intervalMs: 2,
    });
  }
  const during = rssMb(at.pid());
  const spread: number[] = [];
  const whole: number[] = [];
  for (const [mark, times] of arrivals) {
    const first = Math.min(...times);
    spread.push(...times.map((time) => time - first));
    whole.push(...times.map((time) => time - (typedAt.get(mark) ?? time)));
  }
  for (const socket of sockets) socket.destroy();
  const sorted = {
    spread: spread.toSorted((a, b) => a - b),
    whole: whole.toSorted((a, b) => a - b),
  };
  printTable(`${readerCount} readers of one tail, ${marks} lines`, [
    ["", "p50", "p99"],
    ["behind the first reader", ms(sorted.spread, 0.5), ms(sorted.spread, 0.99)],
    [
      "behind the key (a line is told once it has settled)",
      ms(sorted.whole, 0.5),
      ms(sorted.whole, 0.99),
    ],
    ["RSS before and with them", `${before.toFixed(0)} MB`, `${during.toFixed(0)} MB`],
  ]);
}

function ms(list: readonly number[], share: number): string {
  return `${quantile(list, share).toFixed(1)} ms`;
}

function rssMb(pid: number): number {
  const kb = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  return Number(kb) / 1024;
}
