// Rows of databases in an update's proof: those of PostgreSQL too, and a column that a migration adds changes none of them.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { connectPostgres } from "../../src/adapters/postgres.ts";
import { compareManifests } from "../../src/domain/manifest.ts";
import { migrate } from "../../src/gateway/store/migrate.ts";
import { gatewayTables, tablesOf } from "../../src/update/tables.ts";
import { fakeContext } from "../support/fake-context.ts";
import { type PostgresServer, postgresServer } from "../support/postgres-server.ts";

let postgres: PostgresServer;
beforeAll(async () => void (postgres = await postgresServer()), 90_000);
afterAll(async () => await postgres[Symbol.asyncDispose]());

const files = { files: {} };

test("a column that is added changes no row; another value, and a row that is gone, are told", async () => {
  using ctx = fakeContext();
  const file = `${ctx.paths.state}/some.db`;
  using database = await ctx.openDatabase(file, { create: true });
  database?.script("CREATE TABLE t (id TEXT PRIMARY KEY, at TEXT)");
  database?.script("INSERT INTO t VALUES ('a', '1'), ('b', '2')");
  const before = await tablesOf(ctx, file, {});
  const fate = async () => {
    const after = await tablesOf(ctx, file, before.columns);
    return compareManifests({ ...files, ...before }, { ...files, ...after })[0]?.fate;
  };
  database?.script("ALTER TABLE t ADD COLUMN turn TEXT NOT NULL DEFAULT ''");
  expect(await fate()).toBe("unchanged");
  database?.script("UPDATE t SET at = '3' WHERE id = 'a'");
  expect(await fate()).toBe("changed");
  database?.script("DELETE FROM t WHERE id = 'b'");
  expect(await fate()).toBe("lost");
});

test("the gateway's PostgreSQL is in it, and says so when it cannot be asked", async () => {
  const url = await postgres.database("proof");
  const env = {
    MOSAIC_STORAGE_TIER: "team",
    MOSAIC_DATABASE_URL: url,
    MOSAIC_VALKEY_URL: "redis://127.0.0.1:1",
  };
  using fake = fakeContext({ env });
  const ctx = { ...fake, connectPostgres: async (to: string) => connectPostgres(to) };
  await using sql = connectPostgres(url);
  await migrate(sql);
  await sql.run("INSERT INTO facts (name, value) VALUES ('a', '1'), ('b', '2')");
  const before = await gatewayTables(ctx, {});
  expect(Object.keys(before.tables)).toContain("PostgreSQL users");
  expect(Object.keys(before.tables["PostgreSQL facts"] ?? {})).toEqual(['["a"]', '["b"]']);
  await sql.run("ALTER TABLE facts ADD COLUMN newer TEXT");
  await sql.run("DELETE FROM facts WHERE name = 'b'");
  await sql.run("INSERT INTO facts (name, value) VALUES ('c', '3')");
  const after = await gatewayTables(ctx, before.columns);
  const rows = compareManifests({ ...files, ...before }, { ...files, ...after });
  const told = rows.filter(({ fate }) => fate !== "unchanged");
  expect(told.map(({ what, fate }) => [what, fate])).toEqual([["PostgreSQL facts", "lost"]]);
  await postgres.stop("SIGQUIT");
  expect(await gatewayTables(ctx, {})).toEqual({ tables: {}, columns: {} });
  expect(fake.stderr).toContain("the gateway's database is not in the proof: ");
  expect(fake.stderr).not.toContain("postgres-of-the-test");
});
