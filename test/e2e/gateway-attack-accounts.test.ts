// Attacks on the gateway's accounts: guessing, lifting oneself up, holding on to what was ended, and texts that somebody might
// take for code. The compiled binary behind a proxy that is trusted, so that each attack comes from addresses of its own.
// Over 200 lines because every attack is made on the same gateway.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { type BuiltinFleet, builtinFleet } from "../support/builtin-fleet.ts";
import { eventually } from "../support/eventually.ts";
import {
  admin,
  type Answered,
  type Ask,
  readTail,
  type TestGateway,
  testGateway,
} from "../support/gateway.ts";
import { mosaicBinary } from "../support/mosaic-binary.ts";
import { runCommand } from "../support/run-command.ts";
import { rawConnection, rawRequest } from "../support/raw-http.ts";

let fleet: BuiltinFleet;
let gateway: TestGateway;
/** Of the admin. */
let cookie: string;

beforeAll(async () => {
  const binary = await mosaicBinary();
  const agents = "\n  - { name: one, runtime: canary }\n  - { name: two, runtime: canary }";
  fleet = builtinFleet({ agents, self: [binary] });
  const started = await fleet.mosaic("fleet", "start", "one");
  if (started.exitCode !== 0) throw new Error(started.stderr);
  gateway = await testGateway({ env: { ...fleet.env, MOSAIC_TRUSTED_PROXIES: "127.0.0.1" } });
  cookie = await gateway.login();
}, 120_000);

afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  await fleet[Symbol.asyncDispose]();
}, 60_000);

const password = "a-long-enough-1";

async function account(
  name: string,
  role: string,
): Promise<{ id: string; email: string; password: string }> {
  const email = `${name}@example.com`;
  const { status, json, text } = await gateway.ask("/api/v1/users", {
    cookie,
    body: { email, name, role, password },
  });
  if (status !== 201) throw new Error(text);
  return { id: json.id, email, password };
}

function credentials({ email, password: word }: { email: string; password: string }) {
  return { email, password: word };
}

async function mint(by: Ask, ...scopes: string[]): Promise<Answered> {
  return await gateway.ask("/api/v1/tokens", { ...by, body: { name: "t", scopes } });
}

/** A login from an address. */
async function tryLogin(from: string, body: object, more: Ask = {}): Promise<Answered> {
  return await gateway.ask("/api/v1/login", {
    ...more,
    body,
    headers: { ...more.headers, "x-forwarded-for": from },
  });
}

/** Events of the tail of `one`; `ended` resolves with the reason of its end. */
async function openTail(who: Ask): Promise<{ ended: Promise<string> }> {
  const headers = {
    ...(who.cookie === undefined ? {} : { cookie: who.cookie }),
    ...(who.token === undefined ? {} : { authorization: `Bearer ${who.token}` }),
  };
  const response = await fetch(`${gateway.url}/api/v1/agents/one/tail`, { headers });
  if (response.status !== 200) throw new Error(await response.text());
  let reason = "";
  const ended = readTail(response, (_, { event, data }) => {
    if (event === "end") reason = JSON.parse(data).reason;
    return event === "end";
  }).then(() => reason);
  return { ended };
}

async function streams(): Promise<number> {
  const { text } = await gateway.ask("/metrics", { cookie });
  return Number(/^mosaic_streams (\d+)$/m.exec(text)?.[1]);
}

test("a password is guessed ten times, from however many addresses; then the right one is refused unread (ClawJacked)", async () => {
  const victim = await account("victim", "admin");
  for (let index = 0; index < 10; index++) {
    const { status } = await tryLogin(`203.0.113.${index}`, {
      email: victim.email,
      password: `guess-${index}`,
    });
    expect(status).toBe(401);
  }
  // Every combination of credentials beside it: the limit was off when a field more was there (openclaw PR 57647).
  const right = { email: victim.email, password };
  const token = (await mint({ cookie }, "agents:read")).json.token;
  const beside: Ask[] = [
    {},
    { cookie },
    { token },
    { token: "x" },
    { headers: { authorization: "Basic eDp5" } },
    { headers: { "x-device-token": "x", "x-api-key": "x" } },
    { headers: { origin: "http://localhost:3000" }, cookie: "" },
  ];
  for (const [index, more] of beside.entries()) {
    const { status, headers, json } = await tryLogin(`198.51.100.${index}`, right, more);
    expect([more, status, json.type]).toEqual([more, 429, "urn:mosaic:problem:too-many-requests"]);
    expect(Number(headers.get("retry-after"))).toBeGreaterThan(0);
  }
  const extra = await tryLogin("198.51.100.99", { ...right, deviceToken: "x" });
  expect([400, 429]).toContain(extra.status);
  // In any spelling it is the same account.
  for (const email of [" Victim@Example.com", "VICTIM@EXAMPLE.COM "]) {
    expect((await tryLogin("198.51.100.100", { email, password })).status).toBe(429);
  }
}, 30_000);

test("nobody is locked out of where he has logged in before, and a guesser there has ten tries of his own (lock-out by others)", async () => {
  const owner = credentials(await account("owner", "operator"));
  const home = "192.0.2.77";
  expect((await tryLogin(home, owner)).status).toBe(200);
  for (let index = 0; index < 12; index++) {
    await tryLogin(`203.0.113.${100 + index}`, { email: owner.email, password: `guess-${index}` });
  }
  expect((await tryLogin("203.0.113.200", owner)).status).toBe(429);
  expect((await tryLogin(home, owner)).status).toBe(200);
  // Another account of the same place has no part in it.
  const other = credentials(await account("other", "operator"));
  for (let index = 0; index < 10; index++) {
    await tryLogin(`203.0.113.${100 + index}`, { email: other.email, password: `guess-${index}` });
  }
  expect((await tryLogin(home, other)).status).toBe(429);
  // At that place too it is ten attempts, two of which were right.
  const there: number[] = [];
  for (let index = 0; index < 9; index++) {
    const wrong = { email: owner.email, password: `guess-${index}` };
    there.push((await tryLogin(home, wrong)).status);
  }
  expect(there).toEqual([...Array<number>(8).fill(401), 429]);
  expect((await tryLogin(home, owner)).status).toBe(429);
}, 60_000);

test("a new password ends the sessions and tokens of the account, whoever gives it", async () => {
  const victim = await account("renewed", "operator");
  for (const how of ["own", "admin", "command"]) {
    const login = await tryLogin("192.0.2.50", credentials(victim));
    const own = (login.headers.get("set-cookie") ?? "").split(";")[0] ?? "";
    const { token } = (await mint({ cookie: own }, "agents:read")).json;
    expect((await gateway.ask("/api/v1/me", { token })).status).toBe(200);
    const next = `${password}-${how}`;
    if (how === "own") {
      const body = { current: victim.password, password: next };
      expect((await gateway.ask("/api/v1/me/password", { cookie: own, body })).status).toBe(204);
    } else if (how === "admin") {
      const change = { method: "PATCH", cookie, body: { password: next } };
      expect((await gateway.ask(`/api/v1/users/${victim.id}`, change)).status).toBe(200);
    } else {
      const { exitCode, stdout } = await runCommand(
        [await mosaicBinary(), "gateway", "admin", "reset-password", victim.email],
        { env: gateway.env, stdin: `${next}\n` },
      );
      expect([exitCode, stdout]).toEqual([
        0,
        `${victim.email} has a new password, and no session and no token any more\n`,
      ]);
    }
    const after = [{ token }, { cookie: own }].map((who) => gateway.ask("/api/v1/me", who));
    expect((await Promise.all(after)).map(({ status }) => status)).toEqual([401, 401]);
    victim.password = next;
  }
}, 60_000);

// What stands before the address that the proxy added, the client wrote; and an IPv6 network has 2^64 addresses.
const forms = (index: number): string[] => [
  `2001:db8:7:7::${index}`,
  `10.9.8.${index}, 2001:db8:7:7:${index}::1`,
  `127.0.0.1, 2001:DB8:7:7::${index}, 127.0.0.1`,
];

async function took(email: string, from: string): Promise<{ ms: number; text: string }> {
  const began = performance.now();
  const { text } = await tryLogin(from, { email, password: "not-the-password" });
  return { ms: performance.now() - began, text };
}

test("one network tries thirty accounts and no more, whatever it says of itself (X-Forwarded-For)", async () => {
  const who = { email: admin.email, password: admin.password };
  const answers = await Promise.all(
    Array.from({ length: 45 }, (_, index) =>
      tryLogin(forms(index)[index % 3] ?? "", { email: `n${index}@example.com`, password: "x" }),
    ),
  );
  const counts = answers.map(({ status }) => status);
  expect(counts.filter((status) => status === 401).length).toBeLessThanOrEqual(30);
  expect(counts.filter((status) => status !== 401 && status !== 429)).toEqual([]);
  for (const from of forms(99)) {
    const { status, json } = await tryLogin(from, who);
    expect([from, status, json.detail]).toEqual([from, 429, "login-address: at most 30 in 300 s"]);
  }
}, 60_000);

test("a login takes as long for nobody as for somebody (user enumeration)", async () => {
  const known = await account("timed", "viewer");
  // In turn, and the quickest of six: what the machine does beside it slows both down.
  let [somebody, nobody] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  for (let round = 0; round < 6; round++) {
    const there = await took(known.email, "192.0.2.20");
    const absent = await took("nobody@example.com", "192.0.2.21");
    expect(absent.text).toBe(there.text);
    somebody = Math.min(somebody, there.ms);
    nobody = Math.min(nobody, absent.ms);
  }
  expect(nobody / somebody).toBeGreaterThan(0.5);
  expect(nobody / somebody).toBeLessThan(2);
}, 30_000);

test("a session that was planted in a browser is worth nothing after the login (session fixation)", async () => {
  const who = { email: admin.email, password: admin.password };
  const first = await tryLogin("192.0.2.30", who);
  const planted = (first.headers.get("set-cookie") ?? "").split(";")[0] ?? "";
  const tail = await openTail({ cookie: planted });
  const second = await tryLogin("192.0.2.30", who, { cookie: planted });
  const own = (second.headers.get("set-cookie") ?? "").split(";")[0] ?? "";
  expect(own).not.toBe(planted);
  expect((await gateway.ask("/api/v1/me", { cookie: planted })).status).toBe(401);
  expect((await gateway.ask("/api/v1/me", { cookie: own })).status).toBe(200);
  expect(await tail.ended).toContain("ended");
  // One that the client made up is never taken over.
  const madeUp = `mosaic_session=${"a".repeat(64)}`;
  await tryLogin("192.0.2.30", who, { cookie: madeUp });
  expect((await gateway.ask("/api/v1/me", { cookie: madeUp })).status).toBe(401);
}, 30_000);

test("the cookie is for no script, no other site, and behind TLS for no plain connection; only a proxy that is trusted says https", async () => {
  const who = { email: admin.email, password: admin.password };
  const host = { origin: `https://127.0.0.1:${gateway.port}` };
  const plain = (await tryLogin("192.0.2.31", who)).headers.get("set-cookie");
  expect(plain).toMatch(
    /^mosaic_session=[0-9a-f]{64}; Path=\/; Max-Age=2592000; HttpOnly; SameSite=Strict$/,
  );
  const secure = await tryLogin("192.0.2.31", who, {
    headers: { ...host, "x-forwarded-proto": "https" },
  });
  expect(secure.headers.get("set-cookie")).toMatch(
    /^__Host-mosaic_session=[0-9a-f]{64}; Path=\/; Max-Age=2592000; HttpOnly; SameSite=Strict; Secure$/,
  );
  const [value] = (secure.headers.get("set-cookie") ?? "").replace("__Host-", "").split(";");
  const asked = await gateway.ask("/api/v1/me", {
    cookie: value ?? "",
    headers: { "x-forwarded-proto": "https" },
  });
  // Behind TLS a cookie without the prefix may be one that a plain page has set.
  expect(asked.status).toBe(401);
}, 30_000);

test("nobody gets into any route but the public ones, whatever stands where a credential would (CVE-2026-28472: present, not valid)", async () => {
  const { json } = await gateway.ask("/api/v1/openapi.json");
  const dead = (await mint({ cookie }, "agents:read")).json;
  await gateway.ask(`/api/v1/tokens/${dead.id}`, { cookie, method: "DELETE" });
  const live: string = (await mint({ cookie }, "agents:read")).json.token;
  const wrong: Ask[] = [
    {},
    { token: "x" },
    { token: "null" },
    { token: dead.token },
    { token: live.slice(0, -1) },
    { token: `${live.slice(0, -1)}${live.endsWith("0") ? "1" : "0"}` },
    { token: `${live}0` },
    { token: live.toUpperCase() },
    { token: `mos_${"0".repeat(12)}_${"0".repeat(64)}` },
    { token: "", cookie },
    // Whoever sends a token means it: a cookie does not make it good.
    { token: dead.token, cookie },
    { headers: { authorization: "Basic YWRhOng=" }, cookie },
    { headers: { authorization: `Token ${live}` } },
    { headers: { "x-api-key": live, "x-auth-token": live, "x-mosaic-token": live } },
    { cookie: "mosaic_session=" },
    { cookie: `mosaic_session=${"0".repeat(64)}` },
    { cookie: cookie.replace("mosaic_session", "__Host-mosaic_session") },
    { cookie: `mosaic_session=${"0".repeat(64)}; ${cookie}` },
    {
      headers: {
        "x-user": admin.email,
        "x-role": "admin",
        "x-forwarded-user": admin.email,
        "remote-user": admin.email,
      },
    },
  ];
  const open: string[] = [];
  let count = 0;
  for (const [path, operations] of Object.entries<Record<string, { security: object[] }>>(
    json.paths,
  )) {
    for (const [verb, { security }] of Object.entries(operations)) {
      const method = verb.toUpperCase();
      if (security.length === 0) open.push(`${method} ${path}`);
      const real = path.replaceAll(/\{\w+\}/g, "one");
      for (const [index, who] of wrong.entries()) {
        if (security.length === 0) continue;
        count += 1;
        const { status } = await gateway.ask(real, { ...who, method });
        expect([method, path, index, status]).toEqual([method, path, index, 401]);
      }
      // No secret in a URL: what stands there is not looked at.
      if (security.length > 0) {
        const { status } = await gateway.ask(
          `${real}?token=${live}&access_token=${live}&session=${cookie}`,
          { method },
        );
        expect([method, path, status]).toEqual([method, path, 401]);
      }
    }
  }
  expect(open.toSorted()).toEqual([
    "GET /api/v1/openapi.json",
    "GET /healthz",
    "GET /readyz",
    "POST /api/v1/login",
  ]);
  expect(count).toBeGreaterThan(300);
}, 60_000);

test("a token without the scope of a route is refused there, before its body is looked at", async () => {
  const { json } = await gateway.ask("/api/v1/openapi.json");
  const all = [
    "agents:read",
    "agents:write",
    "messages:read",
    "messages:send",
    "tokens:write",
    "users:write",
    "audit:read",
    "metrics:read",
  ];
  const tokens = new Map<string, string>();
  for (const scope of all) {
    const minted = await mint({ cookie }, ...all.filter((one) => one !== scope));
    tokens.set(scope, minted.json.token);
  }
  let count = 0;
  for (const [path, operations] of Object.entries<
    Record<string, { security: { token?: string[] }[] }>
  >(json.paths)) {
    for (const [verb, { security }] of Object.entries(operations)) {
      const scope = security.flatMap(({ token = [] }) => token)[0];
      if (scope === undefined) continue;
      count += 1;
      const ask = { token: tokens.get(scope) ?? "", method: verb.toUpperCase() };
      const { status, json: said } = await gateway.ask(path.replaceAll(/\{\w+\}/g, "one"), ask);
      expect([verb, path, status, said.detail]).toEqual([verb, path, 403, `this takes ${scope}`]);
    }
  }
  expect(count).toBeGreaterThan(15);
});

test("nobody mints more than he holds, nor for longer (CVE-2026-47101, GHSA-rqpp-rjj8-7wv8)", async () => {
  const operator = await account("operator", "operator");
  const own = await gateway.login(operator);
  for (const scope of [
    "users:write",
    "audit:read",
    "*",
    "admin",
    "agents:*",
    "AGENTS:READ",
    "agents:read users:write",
    "agents:read,users:write",
    "__proto__",
    "constructor",
    "",
  ]) {
    const { status } = await mint({ cookie: own }, "agents:read", scope);
    expect([scope, status === 201]).toEqual([scope, false]);
  }
  const small = (await mint({ cookie: own }, "tokens:write", "agents:read")).json;
  for (const scope of ["agents:write", "messages:send", "users:write"]) {
    expect((await mint({ token: small.token }, scope)).status).toBe(403);
  }
  // Fields by which somebody might say what he is.
  for (const more of [
    { role: "admin" },
    { userId: "x" },
    { user_role: "admin" },
    { allowed_routes: ["/*"] },
    { id: "0" },
    { expiresAt: "2099-01-01" },
  ]) {
    const body = { name: "t", scopes: ["agents:read"], ...more };
    expect((await gateway.ask("/api/v1/tokens", { cookie: own, body })).status).toBe(400);
  }
  for (const expiresInDays of [0, -1, 366, 1e9, 1.5, "1", null]) {
    const body = { name: "t", scopes: ["agents:read"], expiresInDays };
    expect((await gateway.ask("/api/v1/tokens", { cookie: own, body })).status).toBe(400);
  }
  const short = await gateway.ask("/api/v1/tokens", {
    cookie: own,
    body: { name: "s", scopes: ["tokens:write", "agents:read"], expiresInDays: 1 },
  });
  const longer = await gateway.ask("/api/v1/tokens", {
    token: short.json.token,
    body: { name: "l", scopes: ["agents:read"], expiresInDays: 365 },
  });
  expect([longer.status, longer.json.expiresAt]).toEqual([201, short.json.expiresAt]);
  // What a token made ends with it: a thief would else keep a way in.
  await gateway.ask(`/api/v1/tokens/${short.json.id}`, { cookie: own, method: "DELETE" });
  expect((await gateway.ask("/api/v1/me", { token: longer.json.token })).status).toBe(401);
  // A role that is taken away takes the scopes of tokens that were made before.
  await gateway.ask(`/api/v1/users/${operator.id}`, {
    cookie,
    method: "PATCH",
    body: { role: "viewer" },
  });
  const me = await gateway.ask("/api/v1/me", { token: small.token });
  expect([me.status, me.json.role]).toEqual([200, "viewer"]);
}, 30_000);

test("a token for accounts alone makes no admin, becomes none, and takes none over", async () => {
  const clerk: string = (
    await mint({ cookie }, "users:write", "agents:read", "messages:read", "tokens:write")
  ).json.token;
  const body = { email: "lifted@example.com", name: "x", password };
  for (const role of ["admin", "operator"]) {
    expect(
      (await gateway.ask("/api/v1/users", { token: clerk, body: { ...body, role } })).status,
    ).toBe(403);
  }
  expect(
    (await gateway.ask("/api/v1/users", { token: clerk, body: { ...body, role: "viewer" } }))
      .status,
  ).toBe(201);
  const { json } = await gateway.ask("/api/v1/users", { token: clerk });
  const idOf = (email: string): string =>
    json.users.find((user: { email: string }) => user.email === email).id;
  for (const [email, change] of [
    [admin.email, { password: "taken-over-1" }],
    [admin.email, { role: "viewer" }],
    ["lifted@example.com", { role: "admin" }],
    ["lifted@example.com", { role: "operator", password: "taken-over-1" }],
  ] as const) {
    const path = `/api/v1/users/${idOf(email)}`;
    expect([
      email,
      change,
      (await gateway.ask(path, { token: clerk, method: "PATCH", body: change })).status,
    ]).toEqual([email, change, 403]);
  }
  const changed = await gateway.ask("/api/v1/me/password", {
    token: clerk,
    body: { current: admin.password, password },
  });
  expect(changed.status).toBe(403);
  await gateway.login();
}, 30_000);

test("what has ended ends its open streams within a second: session, token, account (GHSA-m8wm-r5vq-qjpg)", async () => {
  const ways: [
    string,
    (who: { id: string; cookie: string; token: { id: string; token: string } }) => Promise<unknown>,
    "cookie" | "token",
  ][] = [
    [
      "logout",
      (who) => gateway.ask("/api/v1/logout", { cookie: who.cookie, method: "POST" }),
      "cookie",
    ],
    [
      "sessions",
      (who) => gateway.ask(`/api/v1/users/${who.id}/sessions`, { cookie, method: "DELETE" }),
      "cookie",
    ],
    [
      "disabled",
      (who) =>
        gateway.ask(`/api/v1/users/${who.id}`, {
          cookie,
          method: "PATCH",
          body: { disabled: true },
        }),
      "token",
    ],
    [
      "password",
      (who) =>
        gateway.ask(`/api/v1/users/${who.id}`, {
          cookie,
          method: "PATCH",
          body: { password: "another-one-2" },
        }),
      "cookie",
    ],
    [
      "revoked",
      (who) => gateway.ask(`/api/v1/tokens/${who.token.id}`, { cookie, method: "DELETE" }),
      "token",
    ],
    [
      "revoked by a command",
      (who) => gateway.mosaic("gateway", "token", "revoke", who.token.id),
      "token",
    ],
  ];
  for (const [name, end, by] of ways) {
    const user = await account(`gone-${name.replaceAll(" ", "-")}`, "viewer");
    const own = await gateway.login(user);
    const token = (await mint({ cookie: own }, "agents:read")).json;
    const tail = await openTail(by === "cookie" ? { cookie: own } : { token: token.token });
    await end({ id: user.id, cookie: own, token });
    const began = performance.now();
    expect([name, await tail.ended]).toEqual([name, "the session or token has ended"]);
    // Twice a second it is looked at; the rest is a machine that has other things to do.
    expect([name, performance.now() - began < 3_000]).toEqual([name, true]);
    const again = by === "cookie" ? { cookie: own } : { token: token.token };
    expect([name, (await gateway.ask("/api/v1/me", again)).status]).toEqual([name, 401]);
  }
}, 60_000);

test("a stream that nobody reads, or that never was one, is not kept", async () => {
  await eventually(streams, { until: (count) => count === 0, what: "no stream" });
  for (let index = 0; index < 10; index++) {
    const head = await gateway.ask("/api/v1/agents/one/tail", { cookie, method: "HEAD" });
    expect(head.status).toBe(405);
  }
  for (let index = 0; index < 30; index++) {
    using connection = await rawConnection(gateway.port);
    connection.write(
      rawRequest(gateway.port, "GET /api/v1/agents/one/tail", [`Cookie: ${cookie}`]),
    );
    if (index % 2 === 0) await eventually(() => connection.received().includes("200 OK"));
  }
  await eventually(streams, {
    until: (count) => count === 0,
    what: "the streams to be gone",
    timeoutMs: 10_000,
  });
}, 30_000);

const code = [
  "'; DROP TABLE users; --",
  "' OR '1'='1",
  '" OR 1=1 --',
  "1; DELETE FROM sessions",
  "x' UNION SELECT password FROM users --",
  "$1",
  "?",
  ":id",
  "%",
  "_",
  "\\",
  "\u0000",
  "\ud800",
  "a\u0000b",
  "{{7*7}}",
  "${7*7}",
  "../../etc/passwd",
  "$(touch /tmp/x)",
  "`id`",
  "-rf",
  "\u202e",
];

test("a text that is SQL, a template or a command is a text in every field (CVE-2026-42208 of LiteLLM)", async () => {
  const token = (await mint({ cookie }, "agents:read", "messages:send", "messages:read")).json
    .token;
  let count = 0;
  const seen = async (asked: Promise<Answered>): Promise<void> => {
    const { status, text } = await asked;
    count += 1;
    expect([text, status < 500]).toEqual([text, true]);
    expect(text).not.toMatch(/argon2|SQLITE|syntax error/);
  };
  for (const [index, text] of code.entries()) {
    const path = encodeURIComponent(text.toWellFormed());
    const from = { headers: { "x-forwarded-for": `192.0.2.${100 + index}` } };
    await seen(gateway.ask("/api/v1/login", { ...from, body: { email: text, password: text } }));
    await seen(gateway.ask("/api/v1/me", { headers: { authorization: `Bearer ${path}` } }));
    await seen(
      gateway.ask("/api/v1/me", { headers: { authorization: `Bearer mos_${path}_${path}` } }),
    );
    await seen(gateway.ask("/api/v1/me", { cookie: `mosaic_session=${path}` }));
    await seen(
      gateway.ask(`/api/v1/users/${path}`, { cookie, method: "PATCH", body: { name: text } }),
    );
    await seen(gateway.ask(`/api/v1/users/${path}/sessions`, { cookie, method: "DELETE" }));
    await seen(
      gateway.ask("/api/v1/users", {
        cookie,
        body: { email: text, name: text, role: text, password: text },
      }),
    );
    await seen(
      gateway.ask("/api/v1/users", {
        cookie,
        body: {
          email: `u${index}@example.com`,
          name: text,
          role: "viewer",
          password: `${text}-long-enough`,
        },
      }),
    );
    await seen(
      gateway.ask("/api/v1/tokens", { cookie, body: { name: text, scopes: ["agents:read"] } }),
    );
    await seen(gateway.ask("/api/v1/tokens", { cookie, body: { name: "x", scopes: [text] } }));
    await seen(gateway.ask(`/api/v1/tokens/${path}`, { cookie, method: "DELETE" }));
    await seen(gateway.ask(`/api/v1/messages/${path}`, { token }));
    await seen(gateway.ask(`/api/v1/messages?agent=${path}`, { token }));
    await seen(gateway.ask(`/api/v1/messages?limit=${path}&before=${path}`, { token }));
    await seen(gateway.ask(`/api/v1/agents/${path}`, { token }));
    await seen(gateway.ask(`/api/v1/agents/${path}/tail`, { token }));
    await seen(gateway.ask(`/api/v1/agents/${path}/restart`, { cookie, method: "POST" }));
    await seen(gateway.ask(`/api/v1/audit?before=${path}`, { cookie }));
    await seen(
      gateway.ask("/api/v1/agents/two/messages", {
        token,
        body: { text },
        headers: { "idempotency-key": path },
      }),
    );
  }
  expect(count).toBe(code.length * 19);
  const users = await gateway.ask("/api/v1/users", { cookie });
  expect(users.json.users.filter((user: { role: string }) => user.role === "admin").length).toBe(2);
  expect((await gateway.ask("/api/v1/me", { cookie })).status).toBe(200);
  const told = await gateway.ask("/api/v1/messages?agent=two&limit=100", { token });
  const texts: string[] = told.json.messages.map((message: { text: string }) => message.text);
  expect(texts).toContain("'; DROP TABLE users; --");
}, 60_000);

test("a page of messages has a bound of its own: the largest ones fill it, and each is still told", async () => {
  const token = (await mint({ cookie }, "messages:send", "messages:read")).json.token;
  const text = "m".repeat(990_000);
  for (let index = 0; index < 12; index++) {
    const { status } = await gateway.ask("/api/v1/agents/two/messages", { token, body: { text } });
    expect(status).toBe(202);
  }
  const page = await gateway.ask("/api/v1/messages?limit=1000", { token });
  expect(page.text.length).toBeLessThan(10_000_000);
  expect(page.json.messages.length).toBeGreaterThan(1);
}, 60_000);
