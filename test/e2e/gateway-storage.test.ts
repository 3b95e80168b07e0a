// `gateway storage migrate`: a laptop's gateway moves to a team's database, cut off in the middle, and every row is the same.
import { Database } from "bun:sqlite";
import { afterAll, beforeAll, expect, test } from "bun:test";
import { readFileSync, rmSync } from "node:fs";
import { connectPostgres } from "../../src/adapters/postgres.ts";
import { migrate as migrateSchema } from "../../src/gateway/store/migrate.ts";
import { eventually } from "../support/eventually.ts";
import { mosaicBinary } from "../support/mosaic-binary.ts";
import { signal } from "../support/processes.ts";
import { runCommand } from "../support/run-command.ts";
import { type TeamHost, type TestTeam, testTeam } from "../support/team.ts";

let team: TestTeam;
let host: TeamHost;
let token: string;
let count = 0;

const messages = 4_000;

beforeAll(async () => {
  team = await testTeam();
  host = await team.host({ env: {}, agents: "\n  - { name: ada, runtime: canary }" });
  token = await host.gateway.token("agents:read");
  await host.gateway.stop();
  using store = new Database(storeFile(), { readwrite: true });
  const add = store.prepare(
    "INSERT INTO messages (host, id, agent, label, body, status, reason, receipts, created_at, expires_at) VALUES ('h', ?, 'ada', 'l', ?, 'queued', '', '[]', ?, 0)",
  );
  store.transaction(() => {
    // Ids whose order differs by language: capitals, an umlaut, a dash.
    for (let index = 0; index < messages; index++) {
      const id = `${["a", "B", "ä", "-"][index % 4]}${index}`;
      add.run(id, `'; DROP TABLE users; -- ${index} \u{1F98A}\n\t$1 ? \0`, index);
    }
  })();
}, 180_000);

afterAll(async () => {
  await team[Symbol.asyncDispose]();
}, 90_000);

const storeFile = () => host.fleet.dir.at("home/.local/share/mosaic/gateway.db");

async function target() {
  const env = await team.env(`moved_${++count}`);
  const url = env["MOSAIC_DATABASE_URL"] ?? "";
  // A home of its own for each: a move writes into the configuration which tier it is.
  const all: Record<string, string> = { ...host.gateway.env, ...env, MOSAIC_STORAGE_TIER: "local" };
  const argv = [await mosaicBinary(), "gateway", "storage", "migrate", "--to", "team"];
  const migrate = (...more: string[]) =>
    runCommand([...argv, ...more], { env: all, cwd: "/", timeoutMs: 60_000 });
  const ask = async (text: string): Promise<Record<string, string>[]> => {
    await using sql = new Bun.SQL({ url, adapter: "postgres", max: 1 });
    return await sql.unsafe(text);
  };
  return { env, url, all, argv, migrate, ask };
}

test("a store moves; who was let in still is, and a second time brings nothing back", async () => {
  const { env, all, argv, migrate, ask } = await target();
  const { MOSAIC_DATABASE_URL: _, ...without } = all;
  expect((await runCommand(argv, { env: without, cwd: "/" })).exitCode).toBe(2);
  const done = await migrate();
  expect([done.exitCode, done.stderr]).toEqual([0, done.stderr]);
  expect(done.stdout).toMatch(new RegExp(`^messages +${messages} rows .* same in both$`, "m"));
  const agents = "\n  - { name: ada, runtime: canary }";
  const { gateway } = await team.host({ env, agents, hasAdmin: false });
  expect((await gateway.ask("/api/v1/me", { token })).status).toBe(200);
  const cookie = await gateway.login();
  await gateway.ask("/api/v1/logout", { cookie, method: "POST" });
  await ask("DELETE FROM sessions");
  expect(await migrate()).toMatchObject({ exitCode: 0, stdout: "" });
  expect(await ask("SELECT 1 FROM sessions")).toHaveLength(0);
  // Ended behind the last row, it had not said yet which tier counts.
  const config = host.fleet.dir.at("home/.config/mosaic/config.yaml");
  rmSync(config);
  expect((await migrate()).stderr).toContain("next: mosaic gateway start");
  expect(readFileSync(config, "utf8")).toContain("storageTier: team");
  const audits = await ask("SELECT seq FROM audit ORDER BY seq");
  expect(new Set(audits.map(({ seq }) => seq)).size).toBe(audits.length);
}, 120_000);

/** Cut off in the middle of the messages, by a trigger that stops there. */
async function cutOff({
  url,
  all,
  argv,
  ask,
}: Awaited<ReturnType<typeof target>>): Promise<number> {
  await using sql = connectPostgres(url);
  await migrateSchema(sql);
  await ask(
    "CREATE FUNCTION stop_here() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(600); RETURN NEW; END $$",
  );
  await ask(
    "CREATE TRIGGER stop_here BEFORE INSERT ON messages FOR EACH ROW WHEN (NEW.id = 'a2000') EXECUTE FUNCTION stop_here()",
  );
  const child = Bun.spawn(argv, { env: all, cwd: "/", stdio: ["ignore", "ignore", "ignore"] });
  const sleeping =
    "FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND datname = current_database()";
  await eventually(async () => (await ask(`SELECT pid ${sleeping}`)).length === 1, {
    timeoutMs: 20_000,
  });
  signal(child.pid, "SIGKILL");
  await child.exited;
  await ask(`SELECT pg_terminate_backend(pid) ${sleeping}`);
  await ask("DROP TRIGGER stop_here ON messages");
  const [row] = await ask("SELECT count(*)::int AS n FROM messages");
  return Number(row?.["n"]);
}

test("cut off by SIGKILL it is finished by doing it again", async () => {
  const to = await target();
  const before = await cutOff(to);
  expect([before > 0, before < messages]).toEqual([true, true]);
  const done = await to.migrate();
  expect([done.exitCode, done.stderr]).toEqual([0, done.stderr]);
  expect(done.stdout).toMatch(new RegExp(`^messages +${messages} rows .* same in both$`, "m"));
}, 120_000);

test("a row that differs is found and named", async () => {
  const to = await target();
  await cutOff(to);
  // By bytes, as it is copied, the dash comes first: this one is there already.
  await to.ask("UPDATE messages SET body = body || ' ' WHERE id = '-3'");
  const failed = await to.migrate();
  expect([failed.exitCode, failed.stdout]).toEqual([4, ""]);
  expect(failed.stderr).toContain("do not hold the same rows: messages");
}, 120_000);

test("it refuses a database that has something else, and a gateway that runs", async () => {
  const { env, migrate, ask } = await target();
  await team.host({ env, agents: "\n  - { name: ada, runtime: canary }" });
  const taken = await migrate();
  expect([taken.exitCode, taken.stderr]).toEqual([4, expect.stringContaining("rows of its own")]);
  expect(await ask("SELECT 1 FROM messages")).toHaveLength(0);
  await host.gateway.start();
  const busy = await migrate();
  await host.gateway.stop();
  expect([busy.exitCode, busy.stderr]).toEqual([4, expect.stringContaining("mosaic gateway stop")]);
}, 120_000);
