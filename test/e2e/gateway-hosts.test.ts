// Two hosts of one team, each with its gateway, a real PostgreSQL and a real Redis: who is there, who was, and which agents each has.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { eventually } from "../support/eventually.ts";
import { type TeamHost, type TestTeam, testTeam } from "../support/team.ts";

let team: TestTeam;
let alpha: TeamHost;
let beta: TeamHost;
let cookie: string;

beforeAll(async () => {
  team = await testTeam();
  const env = await team.env("team");
  const [ada, bob] = ["ada", "bob"].map((name) => `\n  - { name: ${name}, runtime: canary }`);
  alpha = await team.host({ env, agents: `${ada}`, start: ["ada"], hostname: "alpha" });
  const options = { start: ["bob"], hasAdmin: false, hostname: "beta" };
  beta = await team.host({ env, agents: `${bob}`, ...options });
  cookie = await alpha.gateway.login();
}, 180_000);

afterAll(async () => {
  await team[Symbol.asyncDispose]();
}, 90_000);

interface Host {
  name: string;
  state: string;
  isHere: boolean;
  agents: { name: string; state: string }[];
}

/** As that gateway says, `alpha:up:ada=running`. */
const hostsOf = async ({ gateway }: TeamHost): Promise<string[]> => {
  const { status, json } = await gateway.ask("/api/v1/agents", { cookie });
  if (status !== 200) return [String(status)];
  return json.hosts.map(({ name, state, agents }: Host) => {
    const words = agents.map((one) => `${one.name}=${one.state}`);
    return `${name}:${state}:${words.join(",")}`;
  });
};

const eventuallyHosts = (of: TeamHost, ...wanted: string[]) =>
  eventually(() => hostsOf(of), {
    until: (seen) => Bun.deepEquals(seen, wanted),
    timeoutMs: 25_000,
    what: wanted.join(" "),
  });

test("each gateway tells its own host first, and which agents the other one has", async () => {
  await eventuallyHosts(alpha, "alpha:up:ada=running", "beta:up:bob=running");
  await eventuallyHosts(beta, "beta:up:bob=running", "alpha:up:ada=running");
  const { json } = await beta.gateway.ask("/api/v1/agents", { cookie });
  expect(json.hosts.map(({ isHere }: Host) => isHere)).toEqual([true, false]);
  expect(json.agents.map(({ name }: { name: string }) => name)).toEqual(["bob"]);
  await beta.fleet.mosaic("fleet", "stop", "bob");
  await eventuallyHosts(alpha, "alpha:up:ada=running", "beta:up:bob=stopped");
  await beta.fleet.mosaic("fleet", "start", "bob");
  await eventuallyHosts(alpha, "alpha:up:ada=running", "beta:up:bob=running");
}, 60_000);

test("gateway status shows the hosts, for people and for scripts", async () => {
  const shown = await alpha.fleet.mosaic("gateway", "status");
  expect(shown.stdout).toMatch(/^  host alpha: up; ada \((idle|starting)\)$/m);
  expect(shown.stdout).toMatch(/^  host beta: up; bob \((idle|starting)\)$/m);
  const { stdout } = await alpha.fleet.mosaic("gateway", "status", "--json");
  const { hosts } = JSON.parse(stdout);
  expect(hosts.map(({ name, state }: Host) => `${name} ${state}`)).toEqual(["alpha up", "beta up"]);
}, 30_000);

test("a gateway that ends says so; one that is killed is gone; both come back", async () => {
  await beta.gateway.stop("SIGTERM");
  await eventuallyHosts(alpha, "alpha:up:ada=running", "beta:left:bob=unknown");
  await beta.gateway.start();
  await eventuallyHosts(alpha, "alpha:up:ada=running", "beta:up:bob=running");
  await beta.gateway.stop("SIGKILL");
  await eventuallyHosts(alpha, "alpha:up:ada=running", "beta:gone:bob=unknown");
  const shown = await alpha.fleet.mosaic("gateway", "status");
  expect(shown.stdout).toMatch(/^  host beta: gone, last seen \S+Z; bob \(unknown\)$/m);
  await beta.gateway.start();
  await eventuallyHosts(alpha, "alpha:up:ada=running", "beta:up:bob=running");
}, 90_000);

test("without Valkey other hosts are unknown, never gone; an empty Valkey learns of them again", async () => {
  await team.valkey.stop();
  await eventuallyHosts(alpha, "alpha:up:ada=running", "beta:unknown:bob=unknown");
  const shown = await alpha.fleet.mosaic("gateway", "status");
  expect(shown.stdout).toMatch(/^  host beta: unknown, last seen \S+Z; bob \(unknown\)$/m);
  await team.valkey.start();
  const seen = new Set<string>();
  await eventually(() => hostsOf(alpha), {
    until: (hosts) => {
      for (const host of hosts) seen.add(host);
      return hosts.includes("beta:up:bob=running");
    },
    timeoutMs: 15_000,
  });
  expect([...seen].filter((host) => host.includes(":gone:"))).toEqual([]);
}, 60_000);

test("without PostgreSQL a status says that hosts are not known, within seconds", async () => {
  await team.postgres.stop();
  const before = performance.now();
  const shown = await alpha.fleet.mosaic("gateway", "status");
  expect(performance.now() - before).toBeLessThan(8_000);
  expect(shown.stdout).toContain("  hosts: not known: ");
  await team.postgres.start();
  await eventuallyHosts(alpha, "alpha:up:ada=running", "beta:up:bob=running");
}, 60_000);
