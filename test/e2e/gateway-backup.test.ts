// Backups of the gateway's store, made while it runs, and the way from the local tier to a team.
import { expect, test } from "bun:test";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { admin, testGateway } from "../support/gateway.ts";
import { postgresServer } from "../support/postgres-server.ts";
import { privateEnvironment } from "../support/private-environment.ts";
import { tempHome } from "../support/temp-home.ts";

test("a backup of a running gateway brings back accounts, sessions and tokens", async () => {
  using home = tempHome();
  const env = privateEnvironment(home.path);
  await using gateway = await testGateway({ env });
  const cookie = await gateway.login();
  const token = await gateway.token("agents:read");
  const file = home.at("copy.db");
  const created = await gateway.mosaic("gateway", "backup", "create", "--output", file);
  expect([created.exitCode, created.stderr]).toEqual([0, ""]);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  const bytes = readFileSync(file, "latin1");
  const secrets = [admin.password, token, cookie.split("=")[1] ?? ""];
  expect(secrets.filter((secret) => bytes.includes(secret))).toEqual([]);
  const verified = await gateway.mosaic("gateway", "backup", "verify", file, "--json");
  expect(JSON.parse(verified.stdout).tables).toContainEqual(
    expect.objectContaining({ name: "users", rows: 1 }),
  );
  // What is in use is not replaced.
  const early = await gateway.mosaic("gateway", "backup", "restore", file, "--yes");
  expect([early.exitCode, early.stderr]).toEqual([4, expect.stringContaining("the gateway runs")]);
  await gateway.ask("/api/v1/users", {
    cookie,
    body: { email: "late@example.com", name: "Late", role: "viewer", password: "some-words-here" },
  });
  await gateway.stop();
  const restored = await gateway.mosaic("gateway", "backup", "restore", file, "--yes");
  expect(restored.stderr).toContain("kept what was there");
  await gateway.start();
  const users = await gateway.ask("/api/v1/users", { cookie });
  expect(users.json.users.map((user: { email: string }) => user.email)).toEqual([admin.email]);
  expect((await gateway.ask("/api/v1/me", { token })).status).toBe(200);

  // One bit, and one page, that are not as they were.
  const whole = readFileSync(file);
  for (const [from, to] of [
    [0, 100],
    [4096 * 3, 4096 * 4],
  ] as const) {
    const damaged = Buffer.from(whole).fill(0x5a, from, to);
    writeFileSync(home.at("damaged.db"), damaged);
    const refused = await gateway.mosaic("gateway", "backup", "verify", home.at("damaged.db"));
    expect([from, refused.exitCode]).toEqual([from, 1]);
  }

  // What is no database is named as it was given, and not by our copy of it.
  writeFileSync(home.at("letter.txt"), "hello");
  const letter = await gateway.mosaic("gateway", "backup", "verify", home.at("letter.txt"));
  expect([letter.exitCode, letter.stderr]).toEqual([
    1,
    `mosaic: ${home.at("letter.txt")} is damaged, or no backup of a gateway\n  hint: mosaic gateway backup create writes one\n`,
  ]);

  // The store itself is damaged: that is when a backup is wanted.
  await gateway.stop();
  const store = home.at("home/.local/share/mosaic/gateway.db");
  writeFileSync(store, Buffer.alloc(8192, "x"));
  const lost = await gateway.mosaic("gateway", "admin", "list");
  expect(lost.stderr).toContain("mosaic gateway backup restore FILE");
  const mended = await gateway.mosaic("gateway", "backup", "restore", file, "--yes");
  expect([mended.exitCode, mended.stderr]).toEqual([
    0,
    `kept what was there: ${store}.aside-1 (it is damaged)\nrestored; next: mosaic gateway start\n`,
  ]);
  expect(readFileSync(`${store}.aside-1`, "utf8")).toStartWith("xxxx");
  await gateway.start();
  expect((await gateway.ask("/api/v1/me", { token })).status).toBe(200);
}, 60_000);

test("the local store moves to a team's PostgreSQL, where the same people log in", async () => {
  using home = tempHome();
  await using postgres = await postgresServer();
  const env = privateEnvironment(home.path);
  await using gateway = await testGateway({ env });
  const token = await gateway.token("agents:read");
  const urls = {
    MOSAIC_DATABASE_URL: await postgres.database("moved"),
    // Nobody is there: the gateway says so, and goes on without.
    MOSAIC_VALKEY_URL: "redis://127.0.0.1:1",
  };
  const move = () => gateway.mosaic("gateway", "storage", "migrate", "--to", "team");
  expect((await move()).exitCode).toBe(2);
  Object.assign(gateway.env, urls);
  expect((await move()).exitCode).toBe(4);
  await gateway.stop();
  const moved = await move();
  expect([moved.exitCode, moved.stdout]).toEqual([0, expect.stringContaining("same in both")]);
  await gateway.start();
  const ready = await gateway.ask("/readyz");
  expect(ready.json).toMatchObject({ status: "degraded", checks: { store: "ok", bus: "down" } });
  expect((await gateway.ask("/api/v1/me", { token })).status).toBe(200);
  await gateway.login();
  const file = home.at("team.db");
  // While it is written to: a backup is of one moment.
  const cookie = await gateway.login();
  const written = new AbortController();
  const writing = (async () => {
    const body = { name: "one of many", scopes: ["agents:read"] };
    while (!written.signal.aborted) await gateway.ask("/api/v1/tokens", { cookie, body });
  })();
  const made = await gateway.mosaic("gateway", "backup", "create", "--output", file);
  written.abort();
  await writing;
  expect([made.exitCode, made.stderr]).toEqual([0, ""]);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  const { stdout } = await gateway.mosaic("gateway", "backup", "verify", file);
  expect(stdout).toMatch(/users +1 rows/);
}, 60_000);
