// What a gateway promised is there, whatever becomes of it: killed under load, on a full disk, two that begin at once.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdirSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { builtinFleet } from "../support/builtin-fleet.ts";
import { eventually } from "../support/eventually.ts";
import { makeAdmin, type TestGateway, testGateway } from "../support/gateway.ts";
import { mosaicBinary } from "../support/mosaic-binary.ts";
import { checkCanMount } from "../support/mounts.ts";
import { type TestTeam, testTeam } from "../support/team.ts";
import { idleAgents, messageIds, perAgent, writeLoad } from "../support/write-load.ts";

// Each holds a hundred messages; with MOSAIC_FAULT_AGENTS=101 it is more than ten thousand, which takes minutes.
const agents = idleAgents(Number(process.env["MOSAIC_FAULT_AGENTS"] ?? 12));
const total = agents.names.length * perAgent;
const env = { MOSAIC_RATE_LIMIT: "100000000" };

let team: TestTeam;

beforeAll(async () => {
  await checkCanMount();
  team = await testTeam();
}, 120_000);

afterAll(async () => {
  await team[Symbol.asyncDispose]();
}, 60_000);

test(`local: of ${total} messages under kill -9, again and again, none that was answered is lost or doubled`, async () => {
  await using fleet = builtinFleet({ agents: agents.yaml, self: [await mosaicBinary()], env });
  await using gateway = await testGateway({ env: fleet.env });
  const copies = fleet.dir.at("home/.local/share/mosaic/gateway.db");
  await killedUnderLoad(gateway, {
    state: stateOf(fleet.dir.at("")),
    copies: async () => messageIds(copies),
  });
}, 180_000);

test(`team: of ${total} messages under kill -9, again and again, none that was answered is lost or doubled`, async () => {
  const shared = await team.env("killed");
  const { fleet, gateway } = await team.host({ env: shared, agents: agents.yaml });
  const sql = new Bun.SQL({
    url: shared["MOSAIC_DATABASE_URL"] ?? "",
    adapter: "postgres",
    max: 1,
  });
  const copies = async () => {
    const rows: { id: string }[] = await sql.unsafe("SELECT id FROM messages");
    return rows.map(({ id }) => id);
  };
  await killedUnderLoad(gateway, { state: stateOf(fleet.dir.at("")), copies });
  await sql.close();
}, 180_000);

async function killedUnderLoad(
  gateway: TestGateway,
  { state, copies }: { state: string; copies: () => Promise<string[]> },
): Promise<void> {
  const token = await gateway.token("messages:send");
  const load = writeLoad(gateway, { names: agents.names, token, writers: 16 });
  for (const share of [0.2, 0.4, 0.6, 0.8]) {
    await eventually(() => load.answered.size >= total * share, { timeoutMs: 120_000 });
    await gateway.stop("SIGKILL");
    await gateway.start();
  }
  await load.done;
  const ids = messageIds(state);
  expect([ids.length, load.answered.size, new Set(load.answered.values()).size]).toEqual([
    total,
    total,
    total,
  ]);
  expect([...load.answered.values()].filter((id) => !new Set(ids).has(id))).toEqual([]);
  // The copy too, also of what was cut off between the two writes.
  await eventually(async () => (await copies()).length, {
    until: (count) => count === total,
    timeoutMs: 30_000,
  });
  expect(new Set(await copies())).toEqual(new Set(ids));
  expect(load.others.get("refused") ?? 0).toBeGreaterThan(0);
}

test("on a full disk it takes no message, lets who may read read on, and goes on once there is room", async () => {
  const few = idleAgents(20);
  await using fleet = builtinFleet({ agents: few.yaml, self: [await mosaicBinary()], env });
  const [data, state] = ["share", "state"].map((name) =>
    fleet.dir.at(`home/.local/${name}/mosaic`),
  );
  const tiny = fleet.dir.at("tiny");
  for (const folder of [data, state, tiny])
    mkdirSync(folder ?? "", { recursive: true, mode: 0o700 });
  // Both databases on a disk of 3 MB, in a mount namespace that ends with the gateway.
  const script = `mount -t tmpfs -o size=3m,mode=700 none "$1" && for name in share state; do
    cp -a "$2/.local/$name/mosaic" "$1/$name" && mount --bind "$1/$name" "$2/.local/$name/mosaic"; done && shift 2 && exec "$@"`;
  const through = ["unshare", "-m", "sh", "-c", script, "sh", tiny, fleet.dir.at("home")];
  await using gateway = await testGateway({ env: fleet.env, through });
  const token = await gateway.token("messages:send", "messages:read", "agents:read");
  const disk = `/proc/${gateway.pid()}/root${tiny}`;
  const send = (key: string, text = "x".repeat(2_000)) =>
    gateway.ask(`/api/v1/agents/idle-${key.length % 20}/messages`, {
      token,
      body: { text },
      headers: { "idempotency-key": key },
    });
  const kept: string[] = [];
  for (let index = 0; index < 10; index++) kept.push((await send("k".repeat(index + 1))).json.id);
  const room = statfsSync(disk);
  writeFileSync(`${disk}/filler`, Buffer.alloc(room.bavail * room.bsize - 4096));
  const refused = await eventually(() => send(`full-${kept.length}`, "y".repeat(400_000)), {
    until: ({ status }) => status !== 202,
  });
  expect([refused.status, refused.json.type, refused.headers.get("retry-after")]).toEqual([
    503,
    "urn:mosaic:problem:unavailable",
    "5",
  ]);
  const reads = [
    "/healthz",
    "/readyz",
    "/api/v1/me",
    "/api/v1/messages",
    `/api/v1/messages/${kept[0]}`,
  ];
  for (const path of reads) {
    expect([path, (await gateway.ask(path, { token })).status]).toEqual([path, 200]);
  }
  rmSync(`${disk}/filler`);
  await eventually(() => send("once more"), {
    until: ({ status }) => status === 202,
    timeoutMs: 10_000,
  });
  for (const id of kept) {
    expect((await gateway.ask(`/api/v1/messages/${id}`, { token })).status).toBe(200);
  }
}, 60_000);

test("two gateways that find an empty PostgreSQL at the same moment migrate it once, and both serve", async () => {
  const shared = await team.env("twins");
  const agent = "\n  - { name: one, runtime: canary }";
  const hosts = await Promise.all([
    team.host({ env: shared, agents: agent, hasAdmin: false, isStarted: false }),
    team.host({ env: shared, agents: agent, hasAdmin: false, isStarted: false }),
  ]);
  // Ready takes an admin: who starts at the same moment may find none yet.
  const [first, second] = hosts;
  const started = Promise.all(hosts.map(({ gateway }) => gateway.start()));
  await makeAdmin(await mosaicBinary(), first.gateway.env);
  await started;
  const cookie = await first.gateway.login();
  expect((await second.gateway.ask("/api/v1/me", { cookie })).status).toBe(200);
}, 60_000);

function stateOf(dir: string): string {
  return `${dir.replace(/\/$/, "")}/home/.local/state/mosaic/state.db`;
}
