import { afterAll, beforeAll, expect, test } from "bun:test";
import { connectPostgres } from "../../src/adapters/postgres.ts";
import { AppError, exitCodes } from "../../src/errors.ts";
import { eventually } from "../support/eventually.ts";
import { type PostgresServer, postgresServer } from "../support/postgres-server.ts";

let server: PostgresServer;
let url: string;

beforeAll(async () => {
  server = await postgresServer();
  url = await server.database("adapter");
}, 120_000);

afterAll(async () => {
  await server[Symbol.asyncDispose]();
}, 30_000);

/** "busy", or what else was thrown. */
const faultOf = (asked: Promise<unknown>): Promise<string> =>
  asked.then(
    () => "answered",
    (error) =>
      error instanceof AppError && error.exitCode === exitCodes.busy ? "busy" : String(error),
  );

test("a server that is shut down is busy at once, and used again by itself", async () => {
  await using sql = connectPostgres(url);
  await sql.run("CREATE TABLE down (id BIGINT)");
  for (const how of ["SIGINT", "SIGQUIT"] as const) {
    await server.stop(how);
    const asked = performance.now();
    expect(await faultOf(sql.all("SELECT * FROM down"))).toBe("busy");
    expect(await faultOf(sql.transaction((tx) => tx.run("INSERT INTO down VALUES (1)")))).toBe(
      "busy",
    );
    expect(performance.now() - asked).toBeLessThan(2_000);
    await server.start();
    await eventually(() => sql.all("SELECT * FROM down"));
  }
}, 60_000);

test("a server that hangs is busy in time, also within a transaction, and used again by itself", async () => {
  await using sql = connectPostgres(url, { answerMs: 500 });
  await sql.run("CREATE TABLE hangs (id BIGINT)");
  const within = Promise.withResolvers<void>();
  const hasBegun = Promise.withResolvers<void>();
  const transaction = sql.transaction(async (tx) => {
    await tx.run("INSERT INTO hangs VALUES (1)");
    hasBegun.resolve();
    await within.promise;
    await tx.run("INSERT INTO hangs VALUES (2)");
  });
  const ended = faultOf(transaction);
  await hasBegun.promise;
  server.pause();
  within.resolve();
  expect(await faultOf(sql.all("SELECT 1"))).toBe("busy");
  expect(await ended).toBe("busy");
  server.resume();
  expect(await eventually(() => sql.all("SELECT * FROM hangs"))).toEqual([]);
}, 60_000);

const said = async (address: string, text: string): Promise<string> => {
  await using sql = connectPostgres(address);
  return await sql.all(text).then(
    () => "answered",
    (error: unknown) => (error instanceof AppError ? error.message : `a bug: ${String(error)}`),
  );
};

test("what is wrong with the server is told in words, and is no bug of ours", async () => {
  const wrong = url.replace(/:[^:@]+@/, ":wrong@");
  const other = new URL(url);
  other.username = "nobody-here";
  await using sql = connectPostgres(url);
  await sql.run("CREATE ROLE guest LOGIN PASSWORD 'guest'");
  await sql.run("ALTER ROLE guest SET default_transaction_read_only = on");
  const guest = new URL(url);
  Object.assign(guest, { username: "guest", password: "guest" });
  const told = [
    await said(wrong, "SELECT 1"),
    await said(String(other), "SELECT 1"),
    await said(url.replace(/adapter$/, "absent"), "SELECT 1"),
    await said(String(guest), "CREATE TABLE t (a int)"),
    await said(String(guest), "SELECT * FROM pg_authid"),
    await said(url, "SELECT pg_read_file('/nowhere')"),
  ];
  expect(told.map((text) => text.replace("PostgreSQL cannot be used now ", ""))).toEqual([
    "(it refuses this user or password: 28P01)",
    "(it refuses this user or password: 28P01)",
    "(it has no such database: 3D000)",
    expect.stringMatching(/25006|42501/),
    "(it does not let this user do that: 42501)",
    "(its files are damaged or gone: 58P01)",
  ]);
}, 60_000);

test("a fault of ours is no excuse", async () => {
  await using sql = connectPostgres(url);
  expect(await faultOf(sql.all("SELECT * FROM nowhere"))).toContain("nowhere");
});

test("a text with a NUL is kept without it", async () => {
  await using sql = connectPostgres(url);
  await sql.run("CREATE TABLE texts (text TEXT)");
  await sql.run("INSERT INTO texts VALUES (?)", "a\0b");
  expect(await sql.all("SELECT text FROM texts WHERE text = ?", "a\0b")).toEqual([
    { text: "a\u{FFFD}b" },
  ]);
});

test("numbers of 8 bytes are numbers, small and large", async () => {
  await using sql = connectPostgres(url);
  await sql.run("CREATE TABLE numbers (n BIGINT)");
  for (const n of [0, -1, 7, 1_800_000_000_000, Number.MAX_SAFE_INTEGER]) {
    await sql.run("INSERT INTO numbers VALUES (?)", n);
  }
  const rows = await sql.all("SELECT n FROM numbers ORDER BY n");
  expect(rows.map(({ n }) => n)).toEqual([-1, 0, 7, 1_800_000_000_000, Number.MAX_SAFE_INTEGER]);
});
