// Secrets are planted in every input; the gateway is installed, run, asked, attacked with wrong input, and looked at by every
// command; then nothing that it printed, answered, logged or wrote may hold one, in any usual form. What may is the file of
// that secret, 0600. Over 200 lines because all of it happens to one site, tier by tier.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { lstatSync } from "node:fs";
import { routes } from "../../src/gateway/routes/table.ts";
import { eventually } from "../support/eventually.ts";
import { type TestGateway, testGateway } from "../support/gateway.ts";
import { builtinFleet, type BuiltinFleet } from "../support/builtin-fleet.ts";
import { mosaicBinary } from "../support/mosaic-binary.ts";
import { createWitness, filesBelow, type Witness } from "../support/planted.ts";
import { argvOf, environmentOf } from "../support/processes.ts";
import { type PostgresServer, postgresServer } from "../support/postgres-server.ts";
import { rawAnswers } from "../support/raw-http.ts";
import { type CommandResult, runCommand } from "../support/run-command.ts";
import { type ValkeyServer, valkeyServer } from "../support/valkey-server.ts";

let postgres: PostgresServer;
let valkey: ValkeyServer;
let binary: string;

beforeAll(async () => {
  binary = await mosaicBinary();
  postgres = await postgresServer();
  valkey = await valkeyServer();
}, 120_000);

afterAll(async () => {
  await valkey[Symbol.asyncDispose]();
  await postgres[Symbol.asyncDispose]();
}, 60_000);

/** Random, with what URLs, JSON and shells write in another way. */
function secret(name: string): string {
  return `${name}-${crypto.randomUUID()}-"\\/%ä&=#?@:+`;
}

interface Site {
  witness: Witness;
  fleet: BuiltinFleet;
  env: Record<string, string>;
  /** `mosaic WORDS…`, all of whose output is looked at. */
  run: (
    words: readonly string[],
    more?: { env?: Record<string, string>; stdin?: string },
  ) => Promise<CommandResult>;
}

const adminEmail = "admin@example.com";

async function plantedSite(tier: "local" | "team"): Promise<Site> {
  const witness = createWitness();
  const adminPassword = witness.plant("admin password", secret("admin"));
  const team: Record<string, string> = {};
  if (tier === "team") {
    const url = new URL(await postgres.database("planted"));
    witness.plant("database password", url.password);
    witness.plant("Valkey password", new URL(valkey.url).password);
    Object.assign(team, {
      MOSAIC_STORAGE_TIER: "team",
      MOSAIC_DATABASE_URL: String(url),
      MOSAIC_VALKEY_URL: valkey.url,
    });
  }
  const agents = "\n  - { name: ada, runtime: canary }";
  const fleet = builtinFleet({ agents, self: [binary] });
  const env = {
    ...fleet.env,
    ...team,
    MOSAIC_ASSUME_YES: "1",
    MOSAIC_RATE_LIMIT: "1000000",
    MOSAIC_ADMIN_NAME: "Admin",
    MOSAIC_ADMIN_EMAIL: adminEmail,
    MOSAIC_ADMIN_PASSWORD: adminPassword,
    MOSAIC_ANTHROPIC_API_KEY: witness.plant("API key", `sk-ant-${crypto.randomUUID()}`),
  };
  let count = 0;
  return {
    witness,
    fleet,
    env,
    async run(words, { env: other = {}, stdin } = {}) {
      const options = { env: { ...env, ...other }, cwd: "/", timeoutMs: 60_000 };
      const result = await runCommand(
        [binary, ...words],
        stdin === undefined ? options : { ...options, stdin },
      );
      witness.saw(`${++count}: mosaic ${words.join(" ")}`, result.stdout + result.stderr);
      return result;
    },
  };
}

/** Every variable and file that may hold a secret, with one that is wrong in another way each. */
async function wrongInputs({ witness, run, fleet }: Site): Promise<void> {
  const wrong = witness.plant("wrong secret", secret("wrong"));
  const encoded = encodeURIComponent(wrong);
  const cases: Record<string, string>[] = [
    { MOSAIC_ADMIN_PASSWORD: wrong.repeat(40) },
    { MOSAIC_DATABASE_URL: wrong, MOSAIC_STORAGE_TIER: "team" },
    { MOSAIC_DATABASE_URL: `mysql://u:${encoded}@127.0.0.1/x`, MOSAIC_STORAGE_TIER: "team" },
    { MOSAIC_DATABASE_URL: `postgres://u:${encoded}@127.0.0.1:1/x`, MOSAIC_STORAGE_TIER: "team" },
    {
      MOSAIC_DATABASE_URL: `postgres://u:${encoded}@nowhere.invalid/x`,
      MOSAIC_STORAGE_TIER: "team",
    },
    { MOSAIC_VALKEY_URL: `http://u:${encoded}@127.0.0.1:1`, MOSAIC_STORAGE_TIER: "team" },
    { MOSAIC_VALKEY_URL: `redis://u:${encoded}@127.0.0.1:1`, MOSAIC_STORAGE_TIER: "team" },
    { MOSAIC_ANTHROPIC_API_KEY: `${wrong}\n${wrong}` },
    { MOSAIC_CORS_ORIGIN: `http://u:${encoded}@example.com` },
  ];
  const file = fleet.dir.write("given/wrong", `${wrong}\n${wrong}\n`);
  cases.push({
    MOSAIC_DATABASE_URL_FILE: file,
    MOSAIC_DATABASE_URL: "",
    MOSAIC_STORAGE_TIER: "team",
  });
  for (const env of cases) {
    await run(["gateway", "install"], { env });
    await run(["config", "validate"], { env });
    await run(["config", "show", "--json", "--origin"], { env });
    await run(["gateway", "admin", "list"], { env });
    await run(["doctor"], { env });
    await run(["gateway", "status"], { env });
  }
  await run(["gateway", "admin", "reset-password", adminEmail], {
    env: { MOSAIC_ADMIN_PASSWORD: "" },
    stdin: `${wrong.repeat(40)}\n`,
  });
  await run(["config", "set", "gateway.databaseUrl"], { stdin: `${wrong}\n` });
  await run(["config", "set", "gateway.valkeyUrl"], {
    stdin: `redis://:${encoded}@h\nredis://x\n`,
  });
}

/** What is answered to whoever sends secrets where they do not belong. */
async function wrongRequests(
  gateway: TestGateway,
  { witness }: Site,
  cookie: string,
): Promise<void> {
  const wrong = witness.plant("wrong password", secret("mistyped"));
  const asked = async (what: string, path: string, options: Parameters<TestGateway["ask"]>[1]) => {
    const { text, headers } = await gateway.ask(path, options);
    witness.saw(`answer to ${what}`, text + JSON.stringify([...headers]));
  };
  const login = "/api/v1/login";
  await asked("a wrong password", login, { body: { email: adminEmail, password: wrong } });
  await asked("a password as e-mail", login, { body: { email: wrong, password: wrong } });
  await asked("a password in a wrong field", login, { body: { email: adminEmail, pass: wrong } });
  await asked("a password as a list", login, { body: { email: adminEmail, password: [wrong] } });
  await asked("a password in broken JSON", login, { body: `{"password": "${wrong}` });
  await asked("a password that is too long", login, {
    body: { email: adminEmail, password: wrong.repeat(90) },
  });
  await asked("a token that is none", "/api/v1/me", { token: encodeURIComponent(wrong) });
  await asked("a cookie that is none", "/api/v1/me", {
    headers: { cookie: `mosaic_session=${encodeURIComponent(wrong)}` },
  });
  await asked("a password in the query", `/api/v1/audit?password=${encodeURIComponent(wrong)}`, {
    cookie,
  });
  await asked("a password in the path", `/api/v1/agents/${encodeURIComponent(wrong)}`, { cookie });
  await asked("a password as id", `/api/v1/users/${encodeURIComponent(wrong)}`, {
    cookie,
    method: "PATCH",
    body: { password: wrong },
  });
  await asked("a weak new password", "/api/v1/me/password", {
    cookie,
    body: { current: wrong, password: wrong },
  });
  await asked("an account with a short password", "/api/v1/users", {
    cookie,
    body: { email: "x@example.com", name: "X", role: "viewer", password: wrong.slice(0, 7) },
  });
  const raw = `POST /api/v1/login?p=${wrong} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: ${wrong}\r\n\r\n`;
  witness.saw("answer to a raw request", JSON.stringify(await rawAnswers(gateway.port, raw)));
}

/** Every route that only reads. */
async function readEverything(
  gateway: TestGateway,
  { witness }: Site,
  cookie: string,
): Promise<number> {
  let count = 0;
  for (const { method, path, answer } of routes) {
    if (method !== "GET" || answer.type === "text/event-stream") continue;
    const { status, text, headers } = await gateway.ask(path.replace("{name}", "ada"), { cookie });
    witness.saw(`GET ${path} (${status})`, text + JSON.stringify([...headers]));
    count += 1;
  }
  return count;
}

test.each(["local", "team"] as const)(
  "%s: no file, log, error or answer holds a secret, and their own files are 0600",
  async (tier) => {
    const site = await plantedSite(tier);
    const { witness, fleet, env, run } = site;
    await using _ = fleet;
    const installed = await run(["gateway", "install", "--json"]);
    expect([installed.exitCode, installed.stderr]).toEqual([0, expect.any(String)]);
    expect((await run(["fleet", "start"])).exitCode).toBe(0);
    await using gateway = await testGateway({ env, hasAdmin: false });

    const password = env["MOSAIC_ADMIN_PASSWORD"] ?? "";
    const cookie = await gateway.login({ email: adminEmail, password });
    witness.plant("session id", cookie.split("=")[1] ?? "");
    const made = await gateway.ask("/api/v1/tokens", {
      cookie,
      body: { name: "planted", scopes: ["agents:read"] },
    });
    expect(made.status).toBe(201);
    witness.plant("token", made.json.token);
    await gateway.ask("/api/v1/me", { token: made.json.token });
    const second = witness.plant("second password", secret("second"));
    const added = await gateway.ask("/api/v1/users", {
      cookie,
      body: { email: "bob@example.com", name: "Bob", role: "viewer", password: second },
    });
    witness.saw("a new account", added.text);
    expect(added.status).toBe(201);
    const bob = await gateway.login({ email: "bob@example.com", password: second });
    witness.plant("second session id", bob.split("=")[1] ?? "");
    const sent = await gateway.ask("/api/v1/agents/ada/messages", {
      cookie,
      body: { text: "hello" },
    });
    expect(sent.status).toBe(202);
    const restarted = await gateway.ask("/api/v1/agents/ada/restart", { cookie, body: {} });
    witness.saw("a restart", restarted.text);
    expect(await readEverything(gateway, site, cookie)).toBeGreaterThan(10);
    await wrongRequests(gateway, site, cookie);

    // The one command that shows one, once.
    const create = ["gateway", "token", "create", "--owner", adminEmail, "--scopes", "agents:read"];
    const shown = await runCommand([binary, ...create, "--json"], { env, cwd: "/" });
    witness.plant("token of a command", JSON.parse(shown.stdout).token);
    for (const words of [
      ["gateway", "status", "--json"],
      ["gateway", "status"],
      ["gateway", "logs"],
      ["gateway", "token", "list", "--json"],
      ["gateway", "admin", "list", "--json"],
      ["gateway", "backup", "create"],
      ["gateway", "install", "--dry-run"],
      ["gateway", "install", "--dry-run", "--json"],
      ["gateway", "uninstall", "--purge", "--dry-run"],
      ["config", "show"],
      ["config", "show", "--json", "--origin"],
      ["config", "validate"],
      ["config", "get", "gateway.databaseUrl"],
      ["config", "get", "gateway.anthropicApiKey"],
      ["doctor"],
      ["doctor", "--json"],
      ["wizard", "--dry-run", "--json"],
      ["agent", "status", "--json"],
    ]) {
      await run(words);
    }
    // A store that goes away under it: errors that carry their cause.
    if (tier === "team") {
      await valkey.stop();
      await postgres.stop("SIGQUIT");
      const down = await gateway.ask("/readyz");
      witness.saw("readyz, down", down.text);
      const failed = await gateway.ask("/api/v1/me", { cookie });
      witness.saw("me, down", failed.text);
      for (const words of [["gateway", "status"], ["gateway", "admin", "list"], ["doctor"]])
        await run(words);
      await postgres.start();
      await valkey.start();
      await eventually(async () => (await gateway.ask("/readyz")).status === 200, {
        timeoutMs: 20_000,
      });
      for (const [where, text] of await rowsOf(env["MOSAIC_DATABASE_URL"] ?? ""))
        witness.saw(where, text);
      for (const key of (await valkey.cli("KEYS", "*")).split("\n")) {
        witness.saw(`key ${key} of Valkey`, `${key} ${await valkey.cli("GET", key)}`);
      }
    }
    await wrongInputs(site);
    for (const pid of fleet.processes()) {
      witness.saw(`argv of ${argvOf(pid)[1]}`, argvOf(pid).join("\n"));
      // Its own environment is what whoever started it gave; those that it starts get none of it.
      if (pid !== gateway.pid())
        witness.saw(`environment of ${argvOf(pid).join(" ")}`, environmentOf(pid).join("\n"));
    }
    await gateway.stop();
    witness.saw("the gateway's own output", gateway.log());

    const homes = `${fleet.dir.path}/home/.config/mosaic/secrets/`;
    const given = `${fleet.dir.path}/given/`;
    witness.sawFiles(fleet.dir.path, (path) => path.startsWith(homes) || path.startsWith(given));
    const own = filesBelow(homes.slice(0, -1));
    expect(own.map((path) => path.slice(homes.length)).toSorted()).toEqual(
      tier === "team"
        ? ["gateway-anthropic-api-key", "gateway-database-url", "gateway-valkey-url"]
        : ["gateway-anthropic-api-key"],
    );
    for (const path of own) expect(lstatSync(path).mode & 0o777).toBe(0o600);
    expect(witness.leaks()).toEqual([]);
    expect(witness.count).toBeGreaterThan(150);
  },
  180_000,
);

async function rowsOf(url: string): Promise<[string, string][]> {
  await using sql = new Bun.SQL({ url, adapter: "postgres", max: 1 });
  const names: { tablename: string }[] =
    await sql`SELECT tablename FROM pg_tables WHERE schemaname = current_schema()`;
  expect(names.length).toBeGreaterThan(6);
  return await Promise.all(
    names.map(async ({ tablename }): Promise<[string, string]> => {
      const rows: unknown = await sql.unsafe(`SELECT * FROM ${tablename}`);
      return [
        `table ${tablename}`,
        JSON.stringify(rows, (_, value) => (typeof value === "bigint" ? Number(value) : value)),
      ];
    }),
  );
}

test("the witness finds what is there, in every form", () => {
  const witness = createWitness();
  const value = witness.plant("it", secret("found"));
  for (const text of [
    value,
    encodeURIComponent(value),
    btoa(encodeURIComponent("x")),
    JSON.stringify({ value }),
  ]) {
    witness.saw(text.slice(0, 1), text);
  }
  expect(witness.leaks()).toEqual(["it in f", "it in {"]);
});
