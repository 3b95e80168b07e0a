// The gateway on SQLite, as a person with curl uses it: the compiled binary, a real fleet of canaries.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { statSync } from "node:fs";
import { type BuiltinFleet, builtinFleet } from "../support/builtin-fleet.ts";
import { eventually } from "../support/eventually.ts";
import { readTail, type TestGateway, testGateway } from "../support/gateway.ts";
import { mosaicBinary } from "../support/mosaic-binary.ts";

let fleet: BuiltinFleet;
let gateway: TestGateway;

beforeAll(async () => {
  const binary = await mosaicBinary();
  const agents = "\n  - { name: one, runtime: canary }\n  - { name: two, runtime: canary }";
  fleet = builtinFleet({ agents, self: [binary] });
  const started = await fleet.mosaic("fleet", "start");
  if (started.exitCode !== 0) throw new Error(started.stderr);
  gateway = await testGateway({ env: fleet.env });
}, 120_000);

afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  await fleet[Symbol.asyncDispose]();
}, 60_000);

test("login, a message to a living agent, its answer in the tail and in the message", async () => {
  const cookie = await gateway.login();
  const me = await gateway.ask("/api/v1/me", { cookie });
  expect([me.status, me.json.role, me.json.via]).toEqual([200, "admin", "session"]);
  const tail = await fetch(`${gateway.url}/api/v1/agents/one/tail`, { headers: { cookie } });
  const lines = readTail(tail, (seen) => seen.some((line) => line.includes("sha256")));
  const sent = await gateway.ask("/api/v1/agents/one/messages", {
    cookie,
    body: { text: "hello over http" },
    headers: { "idempotency-key": "once" },
  });
  expect([sent.status, sent.json.status]).toEqual([202, "queued"]);
  expect((await lines).join("\n")).toContain("canary: 15 bytes");
  const path = `/api/v1/messages/${sent.json.id}`;
  const answered = await eventually(async () => (await gateway.ask(path, { cookie })).json, {
    until: ({ status }) => status === "answered",
    timeoutMs: 10_000,
  });
  expect(answered.answer).toContain("canary: 15 bytes");
  // The same key again: the same message, and nothing is typed.
  const again = await gateway.ask("/api/v1/agents/one/messages", {
    cookie,
    body: { text: "hello over http" },
    headers: { "idempotency-key": "once" },
  });
  expect([again.status, again.json.id, again.json.status]).toEqual([202, sent.json.id, "answered"]);
}, 30_000);

test("a reader of the tail that comes back gets what it missed, and nothing twice", async () => {
  const token = await gateway.token("agents:read", "messages:send");
  const headers = { authorization: `Bearer ${token}` };
  let lastId = "";
  const first = await readTail(
    await fetch(`${gateway.url}/api/v1/agents/two/tail?lines=3`, { headers }),
    (lines, { id }) => {
      lastId = id;
      return lines.length === 3;
    },
  );
  expect(first).toHaveLength(3);
  await gateway.ask("/api/v1/agents/two/messages", { token, body: { text: "while away" } });
  await eventually(async () => (await fleet.mosaic("agent", "tail", "two")).stdout, {
    until: (screen) => screen.includes("canary: 10 bytes"),
  });
  const missed = await readTail(
    await fetch(`${gateway.url}/api/v1/agents/two/tail?lines=0`, {
      headers: { ...headers, "last-event-id": lastId },
    }),
    (lines) => lines.some((line) => line.includes("canary: 10 bytes")),
  );
  expect(missed.join("\n")).toContain("while away");
  // An id of a watch that nobody remembers: what is there now, after a word that lines are missing.
  const seen: string[] = [];
  await readTail(
    await fetch(`${gateway.url}/api/v1/agents/two/tail?lines=2`, {
      headers: { ...headers, "last-event-id": "00000000-7" },
    }),
    (lines, { event }) => {
      seen.push(event);
      return lines.length === 2;
    },
  );
  expect(seen.filter((event) => event !== "")).toEqual(["gap", "line", "line"]);
}, 30_000);

test("agents are shown, restarted, and stopped; who asked stands in the audit", async () => {
  const cookie = await gateway.login();
  const { json } = await gateway.ask("/api/v1/agents", { cookie });
  expect(
    json.agents.map((agent: { name: string; state: string }) => [agent.name, agent.state]),
  ).toEqual([
    ["one", "running"],
    ["two", "running"],
  ]);
  const restarted = await gateway.ask("/api/v1/agents/two/restart", { cookie, method: "POST" });
  expect([restarted.status, restarted.json.result]).toEqual([200, "restarted"]);
  const stopped = await gateway.ask("/api/v1/agents/two/stop", { cookie, method: "POST" });
  expect([stopped.status, stopped.json.result]).toEqual([200, "stopped"]);
  const tail = await gateway.ask("/api/v1/agents/two/tail", { cookie });
  expect([tail.status, tail.json.type]).toEqual([409, "urn:mosaic:problem:not-running"]);
  await gateway.ask("/api/v1/agents/two/start", { cookie, method: "POST" });
  const audit = await gateway.ask("/api/v1/audit?limit=3", { cookie });
  expect(audit.json.entries.map((entry: { action: string }) => entry.action)).toEqual([
    "agent.start",
    "agent.stop",
    "agent.restart",
  ]);
}, 60_000);

test("a restart of the gateway loses no agent and no session, and SIGTERM ends it soon with streams open", async () => {
  const cookie = await gateway.login();
  const pids = async () => {
    const { json } = await gateway.ask("/api/v1/agents", { cookie });
    return json.agents.map((agent: { pid: number }) => agent.pid);
  };
  const before = await pids();
  const tail = await fetch(`${gateway.url}/api/v1/agents/one/tail`, { headers: { cookie } });
  const ended = readTail(tail, (_, { event }) => event === "end");
  await gateway.stop();
  await ended;
  await gateway.start();
  expect(await pids()).toEqual(before);
  expect(gateway.log()).toContain("agents go on");
}, 60_000);

test("its files are private, and it listens on loopback alone", async () => {
  const data = `${fleet.env["HOME"]}/.local/share/mosaic`;
  expect(statSync(data).mode & 0o777).toBe(0o700);
  expect(statSync(`${data}/gateway.db`).mode & 0o777).toBe(0o600);
  const listening = await eventually(async () => {
    const rows = await Promise.all(
      ["tcp", "tcp6"].map((name) => Bun.file(`/proc/net/${name}`).text()),
    );
    const port = gateway.port.toString(16).toUpperCase().padStart(4, "0");
    return rows
      .join("\n")
      .split("\n")
      .map((row) => row.trim().split(/\s+/))
      .filter(([, local, , state]) => state === "0A" && local?.endsWith(`:${port}`) === true)
      .map(([, local]) => local?.split(":")[0]);
  });
  // 127.0.0.1 in the byte order of this machine (proc(5)).
  expect(listening).toEqual(["0100007F"]);
});

test("a gateway that is a unit begins no builtin supervisor, which its restart would end with the agents", async () => {
  const self = [await mosaicBinary()];
  const agents = "\n  - { name: one, runtime: canary }";
  await using other = builtinFleet({ agents, self, env: { MOSAIC_GATEWAY_UNIT: "1" } });
  await using unit = await testGateway({ env: other.env });
  const cookie = await unit.login();
  const start = () => unit.ask("/api/v1/agents/one/start", { cookie, method: "POST" });
  const refused = await start();
  expect([refused.status, refused.json.detail]).toEqual([
    409,
    expect.stringContaining("builtin supervisor"),
  ]);
  expect((await other.mosaic("fleet", "start")).exitCode).toBe(0);
  expect((await start()).json.result).toBe("already-running");
}, 60_000);
