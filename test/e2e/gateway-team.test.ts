// Two gateways of one team, with a real PostgreSQL and a real Redis: what one does counts for the other, and what happens
// when one of the servers is away. Over 200 lines because all of it happens to the same two.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { eventually } from "../support/eventually.ts";
import { admin, makeAdmin, readTail, type TestGateway } from "../support/gateway.ts";
import { readdirSync } from "node:fs";
import { liveTail } from "../support/live-tail.ts";
import { privateEnvironment } from "../support/private-environment.ts";
import { runCommand } from "../support/run-command.ts";
import { tempHome } from "../support/temp-home.ts";
import { mosaicBinary } from "../support/mosaic-binary.ts";
import { type TeamHost, type TestTeam, testTeam } from "../support/team.ts";

let team: TestTeam;
let one: TeamHost;
let two: TeamHost;

beforeAll(async () => {
  team = await testTeam();
  const env = await team.env("team");
  const [ada, bob] = ["ada", "bob"].map((name) => `\n  - { name: ${name}, runtime: canary }`);
  one = await team.host({ env, agents: `${ada}`, start: ["ada"] });
  two = await team.host({ env, agents: `${bob}`, start: ["bob"], hasAdmin: false });
}, 180_000);

afterAll(async () => {
  await team[Symbol.asyncDispose]();
}, 90_000);

const readiness = async ({ gateway }: TeamHost) => {
  const { status, json } = await gateway.ask("/readyz");
  return [status, json.status, json.checks?.store, json.checks?.bus];
};

const attempt = async ({ gateway }: TeamHost, email: string): Promise<number> =>
  (await gateway.ask("/api/v1/login", { body: { email, password: "wrong-wrong-1" } })).status;

/** Resolves with the milliseconds from now until the open stream of this token on that gateway ends. */
async function untilCut(gateway: TestGateway, token: string, agent: string) {
  const headers = { authorization: `Bearer ${token}` };
  const response = await fetch(`${gateway.url}/api/v1/agents/${agent}/tail`, { headers });
  const cut = readTail(response, (_, { event }) => event === "end").then(() => performance.now());
  return { cut };
}

test("a session of one gateway is one of the other, and a message is answered in the tail", async () => {
  const cookie = await one.gateway.login();
  const me = await two.gateway.ask("/api/v1/me", { cookie });
  expect([me.status, me.json.email]).toEqual([200, admin.email]);
  const tail = await fetch(`${two.gateway.url}/api/v1/agents/bob/tail`, { headers: { cookie } });
  const lines = readTail(tail, (seen) => seen.some((line) => line.includes("sha256")));
  const sent = await two.gateway.ask("/api/v1/agents/bob/messages", {
    cookie,
    body: { text: "hello, team" },
  });
  expect(sent.status).toBe(202);
  expect((await lines).join("\n")).toContain("canary: 11 bytes");
  // Its copy reaches the other gateway through the store.
  const answered = await eventually(
    async () => (await one.gateway.ask(`/api/v1/messages/${sent.json.id}`, { cookie })).json,
    { until: ({ status }) => status === "answered", timeoutMs: 10_000 },
  );
  expect(answered.answer).toContain("canary: 11 bytes");
}, 60_000);

test("what is revoked in one gateway ends streams of the other within a second, with Valkey and without", async () => {
  for (const isUp of [true, false]) {
    if (!isUp) await team.valkey.stop();
    const cookie = await one.gateway.login();
    const made = await one.gateway.ask("/api/v1/tokens", {
      cookie,
      body: { name: "stream", scopes: ["agents:read"] },
    });
    const { cut } = await untilCut(two.gateway, made.json.token, "bob");
    const revoke = { method: "DELETE", cookie };
    const before = performance.now();
    const ended = await one.gateway.ask(`/api/v1/tokens/${made.json.id}`, revoke);
    expect(ended.status).toBe(204);
    const tookMs = (await cut) - before;
    expect(tookMs).toBeLessThan(1_000);
    const again = await two.gateway.ask("/api/v1/me", { token: made.json.token });
    expect(again.status).toBe(401);
  }
  await team.valkey.start();
  await eventually(() => readiness(one), { until: ([, status]) => status === "ready" });
}, 60_000);

test("logins are counted together; without Valkey each gateway goes on counting from where it is", async () => {
  await eventually(() => readiness(two), { until: ([, status]) => status === "ready" });
  const shared: number[] = [];
  for (let count = 0; count < 5; count++) {
    shared.push(await attempt(one, "many@example.com"), await attempt(two, "many@example.com"));
  }
  expect(new Set(shared)).toEqual(new Set([401]));
  expect(await attempt(one, "many@example.com")).toBe(429);
  expect(await attempt(two, "many@example.com")).toBe(429);
  // Without Valkey a gateway knows its own five, and no more.
  await team.valkey.stop();
  await eventually(() => readiness(one), { until: ([, status]) => status === "degraded" });
  const alone: number[] = [];
  for (let count = 0; count < 6; count++) alone.push(await attempt(one, "many@example.com"));
  expect(alone).toContain(429);
  await team.valkey.start();
}, 60_000);

test("Valkey away: everything is done, /readyz says degraded, and it comes back by itself", async () => {
  const cookie = await one.gateway.login();
  await team.valkey.stop();
  await eventually(() => readiness(one), { until: ([, status]) => status === "degraded" });
  expect(await readiness(one)).toEqual([200, "degraded", "ok", "down"]);
  const sent = await one.gateway.ask("/api/v1/agents/ada/messages", {
    cookie,
    body: { text: "without Valkey" },
  });
  expect(sent.status).toBe(202);
  await team.valkey.start();
  await eventually(() => readiness(one), { until: ([, status]) => status === "ready" });
}, 60_000);

test("Valkey that hangs slows a request by no more than its answer may take", async () => {
  const cookie = await one.gateway.login();
  team.valkey.pause();
  const before = performance.now();
  const me = await one.gateway.ask("/api/v1/me", { cookie });
  const tookMs = performance.now() - before;
  team.valkey.resume();
  expect(me.status).toBe(200);
  expect(tookMs).toBeLessThan(3_000);
  await eventually(() => readiness(one), { until: ([, status]) => status === "ready" });
}, 60_000);

test("PostgreSQL away: 503 with Retry-After, agents go on, and it comes back by itself", async () => {
  const cookie = await one.gateway.login();
  const pid = async () => (await one.gateway.ask("/api/v1/agents/ada", { cookie })).json.pid;
  const before = await pid();
  await team.postgres.stop("SIGQUIT");
  expect((await readiness(one)).slice(0, 3)).toEqual([503, "unready", "down"]);
  const asked = await one.gateway.ask("/api/v1/agents/ada/messages", {
    cookie,
    body: { text: "x" },
  });
  expect([asked.status, asked.json.type]).toEqual([503, "urn:mosaic:problem:busy"]);
  expect(Number(asked.headers.get("retry-after"))).toBeGreaterThan(0);
  // A message by the command line is delivered meanwhile: nothing of the fleet waits for the gateway's store.
  const words = ["agent", "send", "ada", "--wait", "answered", "--timeout", "20s"];
  const sent = await one.fleet.mosaic(...words, "--message", "without PostgreSQL");
  expect([sent.exitCode, sent.stderr]).toEqual([0, sent.stderr]);
  await team.postgres.start();
  await eventually(() => readiness(one), { until: ([status]) => status === 200 });
  expect(await pid()).toBe(before);
}, 90_000);

test("a tail that is open goes on while PostgreSQL is away, and after it", async () => {
  const cookie = await two.gateway.login();
  const tail = await liveTail(two.gateway, { agent: "bob", headers: { cookie } });
  expect(tail.status).toBe(200);
  const sees = (text: string) =>
    eventually(() => tail.lines.some((line) => line.includes(text)), { timeoutMs: 15_000 });
  const say = (text: string) =>
    two.fleet.mosaic("agent", "send", "bob", "--wait", "answered", "--message", text);
  await team.postgres.stop("SIGQUIT");
  await say("while it was away");
  await sees("while it was away");
  const other = await two.gateway.ask("/api/v1/agents/bob/tail", { cookie });
  expect([other.status, Number(other.headers.get("retry-after")) > 0]).toEqual([503, true]);
  await team.postgres.start();
  await eventually(() => readiness(two), { until: ([status]) => status === 200 });
  await say("once it was back");
  await sees("once it was back");
  expect([tail.events, tail.hasEnded]).toEqual([[], false]);
  // What ends it does so again.
  await two.gateway.ask("/api/v1/logout", { cookie, method: "POST", body: {} });
  await eventually(() => tail.hasEnded, { timeoutMs: 1_500 });
}, 90_000);

test("a NUL in any text is a text or a fault of who sent it, never one of the store", async () => {
  const cookie = await one.gateway.login();
  const nul = "a\0b";
  const asked = async (path: string, options: Parameters<TestGateway["ask"]>[1] = {}) => {
    const { status, text } = await one.gateway.ask(path, { cookie, ...options });
    return `${options.method ?? (options.body === undefined ? "GET" : "POST")} ${path} ${status} ${status >= 500 ? text : ""}`;
  };
  const answers = [
    await asked("/api/v1/login", { body: { email: `${nul}@example.com`, password: nul } }),
    await asked("/api/v1/login", { body: { email: admin.email, password: `${admin.password}\0` } }),
    await asked("/api/v1/users", {
      body: { email: "nul@example.com", name: nul, role: "viewer", password: `long-enough-${nul}` },
    }),
    await asked("/api/v1/tokens", { body: { name: nul, scopes: ["agents:read"] } }),
    await asked("/api/v1/agents/ada/messages", { body: { text: nul } }),
    await asked("/api/v1/agents/ada/messages", {
      body: { text: "with a key" },
      headers: { "idempotency-key": "a%00b" },
    }),
    await asked("/api/v1/agents/a%00b"),
    await asked("/api/v1/agents/a%00b/tail"),
    await asked("/api/v1/agents/ada/tail?host=a%00b"),
    await asked("/api/v1/messages?agent=a%00b"),
    await asked("/api/v1/messages/a%00b"),
    await asked("/api/v1/users/a%00b", { method: "PATCH", body: { name: "x" } }),
    await asked("/api/v1/tokens/a%00b", { method: "DELETE" }),
    await asked("/api/v1/me", { token: "mosk_a%00b_x" }),
  ];
  expect(answers.filter((answer) => / 5\d\d /.test(answer))).toEqual([]);
  // The audit, which holds some of it, is still told.
  expect((await one.gateway.ask("/api/v1/audit", { cookie })).status).toBe(200);
}, 60_000);

test("an install whose Valkey refuses it is a fault, and nothing is written", async () => {
  using home = tempHome();
  const env = privateEnvironment(home.path, {
    ...(await team.env("refused")),
    MOSAIC_VALKEY_URL: team.valkey.url.replace("of-the", "of-another"),
    MOSAIC_ADMIN_NAME: admin.name,
    MOSAIC_ADMIN_EMAIL: admin.email,
    MOSAIC_ADMIN_PASSWORD: admin.password,
  });
  const argv = [await mosaicBinary(), "gateway", "install"];
  const { exitCode, stderr } = await runCommand(argv, { env, cwd: "/" });
  expect([exitCode, stderr]).toEqual([
    2,
    "mosaic: MOSAIC_VALKEY_URL: nobody answers there, or it refuses this user and password\n  hint: try it: redis-cli -u URL ping\n",
  ]);
  expect(readdirSync(home.at("home"))).toEqual([]);
}, 30_000);

test("a gateway that starts without PostgreSQL answers 503, and begins when it is there", async () => {
  await two.gateway.stop();
  await team.postgres.stop();
  const starting = two.gateway.start();
  await eventually(async () => (await two.gateway.ask("/readyz")).status === 503);
  await team.postgres.start();
  await starting;
  expect((await readiness(two))[0]).toBe(200);
}, 90_000);

test("two gateways and a command that migrate an empty database at once all succeed", async () => {
  const env = await team.env("at_once");
  const agents = "\n  - { name: carl, runtime: canary }";
  const options = { env, agents, hasAdmin: false, isStarted: false };
  const both = await Promise.all([team.host(options), team.host(options)]);
  const [{ gateway: first }, { gateway: second }] = both;
  await Promise.all([first.start(), second.start(), makeAdmin(await mosaicBinary(), first.env)]);
  const cookie = await first.login();
  expect((await second.ask("/api/v1/me", { cookie })).status).toBe(200);
}, 60_000);
