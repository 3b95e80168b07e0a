// A tail of an agent of another host, over a real Redis that comes, goes, and forgets: no line is lost, told twice or out of order.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { eventually } from "../support/eventually.ts";
import { type LiveTail, liveTail } from "../support/live-tail.ts";
import { type TeamHost, type TestTeam, testTeam } from "../support/team.ts";

let team: TestTeam;
let alpha: TeamHost;
let beta: TeamHost;
let cookie: string;
let env: Record<string, string>;
const tails: LiveTail[] = [];

beforeAll(async () => {
  team = await testTeam();
  env = await team.env("team");
  const [ada, bob] = ["ada", "bob"].map((name) => `\n  - { name: ${name}, runtime: canary }`);
  alpha = await team.host({ env, agents: `${ada}`, start: ["ada"], hostname: "alpha" });
  const options = { start: ["bob"], hasAdmin: false, hostname: "beta" };
  beta = await team.host({ env, agents: `${bob}`, ...options });
  cookie = await alpha.gateway.login();
  await eventually(async () => (await open(beta, "ada")).status === 200, { timeoutMs: 20_000 });
}, 180_000);

afterAll(async () => {
  for (const tail of tails) tail.close();
  await team[Symbol.asyncDispose]();
}, 90_000);

async function open(
  { gateway }: TeamHost,
  agent: string,
  more: { query?: string; lastId?: string } = {},
): Promise<LiveTail> {
  const headers = {
    cookie,
    ...(more.lastId === undefined ? {} : { "last-event-id": more.lastId }),
  };
  const tail = await liveTail(gateway, {
    agent,
    headers,
    ...(more.query && { query: more.query }),
  });
  tails.push(tail);
  return tail;
}

const send = async ({ gateway }: TeamHost, agent: string, text: string): Promise<void> => {
  const sent = await gateway.ask(`/api/v1/agents/${agent}/messages`, { cookie, body: { text } });
  expect(sent.status).toBe(202);
};

const sees = (tail: LiveTail, text: string) =>
  eventually(() => tail.lines.some((line) => line.includes(text)), {
    timeoutMs: 20_000,
    what: `a line with ${text}`,
  });

/** Whether each line follows the one before it. */
const isUnbroken = ({ ids }: LiveTail): boolean => {
  const [name, first] = (ids[0] ?? "").split("-");
  return ids.every((id, index) => id === `${name}-${Number(first) + index}`);
};

test("a message that is sent through one gateway appears in a tail that is open at the other", async () => {
  const there = await open(beta, "ada");
  const here = await open(alpha, "ada");
  await send(alpha, "ada", "the first words");
  await sees(there, "the first words");
  await sees(there, "canary: 15 bytes");
  await sees(here, "canary: 15 bytes");
  await eventually(() => there.ids.at(-1) === here.ids.at(-1));
  expect(isUnbroken(there)).toBe(true);
  expect(there.events).toEqual([]);
}, 60_000);

test("a reader goes on at the other gateway, behind the last line that he has", async () => {
  const here = await open(alpha, "ada");
  await send(alpha, "ada", "to be continued");
  await sees(here, "canary: 15 bytes");
  const [middle = ""] = here.ids.slice(-4);
  const there = await open(beta, "ada", { lastId: middle, query: "?host=alpha&lines=0" });
  await eventually(() => there.ids.at(-1) === here.ids.at(-1));
  expect(there.ids).toEqual(here.ids.slice(-3));
  expect(there.events).toEqual([]);
}, 60_000);

test("Valkey away: a tail of the own host goes on, one of another host waits, and misses nothing", async () => {
  const remote = await open(beta, "ada");
  const local = await open(beta, "bob");
  await eventually(() => remote.ids.length > 0);
  await team.valkey.stop();
  await send(beta, "bob", "seen by my own gateway");
  await sees(local, "seen by my own gateway");
  await send(alpha, "ada", "said while nobody could hear");
  await eventually(async () => {
    const { json } = await alpha.gateway.ask("/api/v1/messages?agent=ada&limit=1", { cookie });
    return json.messages[0].status === "answered";
  });
  expect(remote.lines.join("\n")).not.toContain("nobody could hear");
  const refused = await beta.gateway.ask("/api/v1/agents/ada/tail", { cookie });
  expect([refused.status, refused.json.detail]).toEqual([
    503,
    "Valkey is away, through which alpha is seen",
  ]);
  expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
  await team.valkey.start();
  await sees(remote, "said while nobody could hear");
  await sees(remote, "canary: 28 bytes");
  expect([isUnbroken(remote), remote.events, remote.hasEnded]).toEqual([true, [], false]);
}, 90_000);

test("links that the server cuts while an agent talks lose no line", async () => {
  const remote = await open(beta, "ada");
  const here = await open(alpha, "ada");
  const silence = new AbortController();
  const cutting = (async () => {
    while (!silence.signal.aborted) await team.valkey.cli("CLIENT", "KILL", "TYPE", "pubsub");
  })();
  for (let count = 1; count <= 3; count++) {
    await send(alpha, "ada", `talking ${count}`);
    await sees(here, `talking ${count}`);
  }
  silence.abort();
  await cutting;
  await eventually(() => remote.ids.at(-1) === here.ids.at(-1), { timeoutMs: 20_000 });
  expect([isUnbroken(remote), remote.events]).toEqual([true, []]);
}, 90_000);

test("a gateway that is killed and comes back goes on telling, and says that there is a gap", async () => {
  const remote = await open(beta, "ada");
  await eventually(() => remote.ids.length > 0);
  await alpha.gateway.stop("SIGKILL");
  await alpha.gateway.start();
  await send(alpha, "ada", "after the restart");
  await sees(remote, "after the restart");
  expect([remote.events, remote.hasEnded]).toEqual([["gap"], false]);
}, 60_000);

test("who is not there is not found; a token that is revoked ends its tail of another host", async () => {
  const status = async (path: string) => (await beta.gateway.ask(path, { cookie })).status;
  expect(await status("/api/v1/agents/nobody/tail")).toBe(404);
  expect(await status("/api/v1/agents/ada/tail?host=gamma")).toBe(404);
  expect(await status("/api/v1/agents/ada/tail?host=beta")).toBe(404);
  const made = await beta.gateway.ask("/api/v1/tokens", {
    cookie,
    body: { name: "t", scopes: ["agents:read"] },
  });
  const headers = { authorization: `Bearer ${made.json.token}` };
  const tail = await liveTail(beta.gateway, { agent: "ada", headers });
  expect(tail.status).toBe(200);
  await alpha.gateway.ask(`/api/v1/tokens/${made.json.id}`, { method: "DELETE", cookie });
  await eventually(() => tail.hasEnded, { timeoutMs: 1_500 });
}, 60_000);

test("of two hosts with an agent of one name the reader says which, by name or id", async () => {
  const agents = "\n  - { name: bob, runtime: canary }";
  const options = { start: ["bob"], hasAdmin: false, hostname: "gamma" };
  const gamma = await team.host({ env, agents, ...options });
  // Asked only once both are known: a tail that is told does not end.
  await eventually(async () => (await alpha.gateway.ask("/api/v1/agents", { cookie })).json.hosts, {
    until: (hosts: { name: string; state: string }[]) =>
      hosts.some(({ name, state }) => name === "gamma" && state === "up"),
    timeoutMs: 20_000,
  });
  const { status, json } = await alpha.gateway.ask("/api/v1/agents/bob/tail", { cookie });
  const detail: string = json.detail;
  expect(status).toBe(409);
  const [, betaId, gammaId] = /beta \((\w+)\), gamma \((\w+)\)$/.exec(detail) ?? [];
  expect(detail).toStartWith("several hosts have an agent of this name, so say host=");
  await send(gamma, "bob", "this is gamma");
  for (const host of ["gamma", gammaId ?? ""]) {
    const tail = await open(alpha, "bob", { query: `?host=${host}` });
    await sees(tail, "this is gamma");
  }
  for (const host of ["beta", betaId ?? ""]) {
    const tail = await open(alpha, "bob", { query: `?host=${host}` });
    await eventually(() => tail.ids.length > 0);
    expect(tail.lines.join("\n")).not.toContain("this is gamma");
  }
  // Its own host's comes first for each of the two.
  const own = await open(gamma, "bob");
  await sees(own, "this is gamma");
}, 60_000);

test("an agent that ends ends its tails everywhere; its gateway gone, a tail of it is refused", async () => {
  const remote = await open(beta, "ada");
  await alpha.fleet.mosaic("fleet", "stop", "ada");
  await eventually(() => remote.hasEnded);
  expect(remote.events).toEqual(["end"]);
  const again = await beta.gateway.ask("/api/v1/agents/ada/tail", { cookie });
  expect([again.status, again.json.type]).toEqual([409, "urn:mosaic:problem:not-running"]);
  await alpha.gateway.stop("SIGTERM");
  const gone = await beta.gateway.ask("/api/v1/agents/ada/tail", { cookie });
  expect([gone.status, gone.json.detail]).toEqual([409, "the gateway of alpha does not run"]);
}, 60_000);
