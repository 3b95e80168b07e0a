// PostgreSQL and Valkey go and come back while messages are written: what was answered 202 is there, once.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { eventually } from "../support/eventually.ts";
import { type TestTeam, testTeam } from "../support/team.ts";
import { idleAgents, writeLoad } from "../support/write-load.ts";

let team: TestTeam;

beforeAll(async () => {
  team = await testTeam();
}, 120_000);

afterAll(async () => {
  await team[Symbol.asyncDispose]();
}, 90_000);

test("PostgreSQL and Valkey stop and start under load: nothing that was promised is lost", async () => {
  const { names, yaml } = idleAgents(8);
  const env = await team.env("outage");
  const { gateway } = await team.host({ env, agents: yaml });
  const token = await gateway.token("messages:send");
  const load = writeLoad(gateway, { names, token, writers: 8 });
  const more = async (count: number): Promise<void> => {
    const wanted = load.answered.size + count;
    await eventually(() => load.answered.size >= wanted, { timeoutMs: 30_000 });
  };
  await more(40);
  await team.valkey.stop();
  await more(40);
  await team.valkey.start();
  await more(40);
  // Without Valkey nobody was turned away.
  expect([...load.others]).toEqual([]);
  for (const how of ["SIGQUIT", "SIGINT"] as const) {
    await team.postgres.stop(how);
    const before = load.others.get("503") ?? 0;
    await eventually(() => (load.others.get("503") ?? 0) > before + 20);
    await team.postgres.start();
    await more(40);
  }
  await load.done;
  expect([...load.others.keys()]).toEqual(["503"]);
  await using sql = new Bun.SQL({ url: env["MOSAIC_DATABASE_URL"] ?? "", adapter: "postgres" });
  const rows: { id: string }[] = await sql`SELECT id FROM messages`;
  expect(rows.map(({ id }) => id).toSorted()).toEqual([...load.answered.values()].toSorted());
}, 120_000);
