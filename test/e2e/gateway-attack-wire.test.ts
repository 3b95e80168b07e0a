// Attacks on the gateway by bytes: requests that two readers would read differently, paths, methods, and bodies that are too
// large, too deep, too slow or broken off. The compiled binary, raw TCP where no client library would send it.
// Over 200 lines because every attack is made on the same gateway.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { eventually } from "../support/eventually.ts";
import { type TestGateway, testGateway } from "../support/gateway.ts";
import { privateEnvironment } from "../support/private-environment.ts";
import { parseAnswers, rawAnswers, rawConnection, rawRequest } from "../support/raw-http.ts";
import { tempHome, type TempHome } from "../support/temp-home.ts";

const roster = "home/.config/mosaic/fleet/roster.yaml";

let home: TempHome;
let gateway: TestGateway;
let cookie: string;
let token: string;

beforeAll(async () => {
  home = tempHome();
  home.write(roster, "version: 1\nsocket: mosaic-t\nagents: [{ name: one, runtime: canary }]\n");
  gateway = await testGateway({ env: privateEnvironment(home.path) });
  cookie = await gateway.login();
  token = (
    await gateway.ask("/api/v1/tokens", {
      cookie,
      body: {
        name: "all",
        scopes: ["agents:read", "messages:send", "messages:read", "metrics:read"],
      },
    })
  ).json.token;
}, 120_000);

afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  home.remove();
});

async function statuses(bytes: string, count = 1): Promise<number[]> {
  return (await rawAnswers(gateway.port, bytes, { count })).map(({ status }) => status);
}

/** A request behind a body, that counts as one if the body is taken to end before it. */
const smuggled = (): string =>
  rawRequest(gateway.port, "DELETE /api/v1/users/x/sessions", [`Cookie: ${cookie}`]);

const json = "Content-Type: application/json";
const chunk = (text: string): string => `${text.length.toString(16)}\r\n${text}\r\n`;
const post = (headers: readonly string[], body: string): string =>
  rawRequest(gateway.port, "POST /api/v1/logout", [json, ...headers], body);

test("of a body whose length can be read in two ways nothing is read, and the connection ends (request smuggling)", async () => {
  const last = "0\r\n\r\n";
  const ambiguous: [string, string[], string][] = [
    ["two lengths", ["Content-Length: 2", "Content-Length: 200"], "{}"],
    ["two lengths, the other way", ["Content-Length: 200", "Content-Length: 2"], "{}"],
    ["a list of lengths", ["Content-Length: 2, 2"], "{}"],
    ["length and chunks", ["Content-Length: 2", "Transfer-Encoding: chunked"], chunk("{}") + last],
    ["chunks and length", ["Transfer-Encoding: chunked", "Content-Length: 2"], chunk("{}") + last],
    ...[
      "xchunked",
      "identity",
      "chunked, identity",
      "identity, chunked",
      "gzip, chunked",
      "\u000bchunked",
      "chunked;a=b",
    ].map((coding): [string, string[], string] => [
      coding,
      [`Transfer-Encoding: ${coding}`],
      chunk("{}") + last,
    ]),
    ["two codings", ["Transfer-Encoding: chunked", "Transfer-Encoding: x"], chunk("{}") + last],
    ["a space before the colon", ["Transfer-Encoding : chunked"], chunk("{}") + last],
    ...["-1", "+2", "0x2", "1e1", "", "99999999999999999999", "18446744073709551618"].map(
      (length): [string, string[], string] => [
        `length ${length}`,
        [`Content-Length: ${length}`],
        "{}",
      ],
    ),
    ["a negative chunk", ["Transfer-Encoding: chunked"], `-2\r\n{}\r\n${last}`],
    ["a huge chunk", ["Transfer-Encoding: chunked"], `fffffffffffffffff\r\n{}\r\n${last}`],
    ["chunks with bare line feeds", ["Transfer-Encoding: chunked"], `2\n{}\n0\n\n`],
    ["a folded header", ["X-One: a\r\n Content-Length: 2"], "{}"],
    ["a NUL in a header", ["X-One: a\0b"], "{}"],
    ["a bare CR in a header", ["X-One: a\rContent-Length: 2"], "{}"],
  ];
  for (const [name, headers, body] of ambiguous) {
    using connection = await rawConnection(gateway.port);
    connection.write(post(headers, body) + smuggled());
    await eventually(() => connection.isClosed(), { what: `the end of ${name}` });
    const answers = parseAnswers(connection.received()).map(({ status }) => status);
    // 401: the first request, of nobody. The one behind it would be 404.
    expect([name, answers.filter((one) => one !== 401)]).toEqual([name, [400]]);
  }
});

test("a body that nobody reads is not the next request", async () => {
  const hidden = smuggled();
  const length = `Content-Length: ${hidden.length}`;
  for (const [line, more, status] of [
    ["POST /nothing", [], 404],
    ["POST /api/v1/tokens", [], 401],
    ["GET /healthz", [], 200],
    ["POST /healthz", ["Host: evil.example"], 421],
    ["POST /api/v1/tokens", ["Origin: https://evil.example"], 403],
  ] as const) {
    const first = rawRequest(gateway.port, line, [length, ...more], hidden);
    const second = rawRequest(gateway.port, "GET /healthz", ["Connection: close"]);
    expect([line, await statuses(first + second, 3)]).toEqual([line, [status, 200]]);
  }
});

test("a path reaches its route or none: no file, no way around (path traversal)", async () => {
  const to: [string, number][] = [
    ["GET /../../../../etc/passwd", 404],
    ["GET /%2e%2e/%2e%2e/%2e%2e/etc/passwd", 404],
    ["GET /..%2f..%2fetc%2fpasswd", 404],
    ["GET /api/v1/agents/..%2f..%2f..%2fetc%2fpasswd", 404],
    ["GET /api/v1/agents/%2e%2e%2fusers", 404],
    ["GET /api/v1/agents/one%00", 404],
    ["GET /api/v1/agents/%ff%fe", 404],
    ["GET /api/v1/agents/%zz", 404],
    ["GET /api/v1/agents/..%5c..%5cetc", 404],
    ["GET /api/v1/agents/../users", 403],
    ["GET /api/v1/agents/%2e%2e/users", 403],
    ["GET /api/v1//users", 404],
    ["GET //api/v1/users", 404],
    ["GET /API/V1/USERS", 404],
    ["GET /api/v1/users/", 404],
    ["GET /api/v1/users;x=/healthz", 404],
    ["GET /api/v1/users%3Fx", 404],
    ["GET /healthz/../api/v1/users", 403],
    ["GET /api/v1/users?/healthz", 403],
    ["GET /api/v1/users#/healthz", 403],
    ["GET /%61pi/v1/users", 403],
  ];
  // The token may not see accounts: whatever spelling reaches them is refused by the route itself.
  for (const [line, status] of to) {
    const bytes = rawRequest(gateway.port, line, [`Authorization: Bearer ${token}`]);
    const [answer] = await rawAnswers(gateway.port, bytes);
    expect([line, answer?.status]).toEqual([line, status]);
    expect(answer?.body).not.toMatch(/root:|admin@example\.com/);
  }
});

test("methods that a route has not are refused, and no header makes another of one", async () => {
  for (const method of ["PUT", "TRACE", "PROPFIND", "PATCH"]) {
    const line = `${method} /api/v1/me`;
    const headers = [`Cookie: ${cookie}`, "X-HTTP-Method-Override: GET", "X-Method-Override: GET"];
    expect([method, await statuses(rawRequest(gateway.port, line, headers))]).toEqual([
      method,
      [405],
    ]);
  }
  const over = [
    `Authorization: Bearer ${token}`,
    "X-HTTP-Method-Override: DELETE",
    "X-Original-URL: /api/v1/users",
    "X-Rewrite-URL: /api/v1/users",
  ];
  const [answer] = await rawAnswers(gateway.port, rawRequest(gateway.port, "GET /api/v1/me", over));
  expect(JSON.parse(answer?.body ?? "").email).toBe("admin@example.com");
  for (const line of [
    "CONNECT 127.0.0.1:22",
    "OPTIONS *",
    "get /healthz",
    "GET healthz",
    "PRI *",
  ]) {
    expect([
      line,
      (await statuses(rawRequest(gateway.port, line))).filter((one) => one < 400),
    ]).toEqual([line, []]);
  }
});

test("a large body is refused by its route, declared or not, before it is read", async () => {
  const large = "a".repeat(70_000);
  const body = JSON.stringify({ email: large, password: "x" });
  const answer = await gateway.ask("/api/v1/login", { body });
  expect([answer.status, answer.json.type]).toEqual([413, "urn:mosaic:problem:body-too-large"]);
  const declared = rawRequest(
    gateway.port,
    "POST /api/v1/login",
    [json, "Content-Length: 999999999"],
    "{",
  );
  expect(await statuses(declared)).toEqual([413]);
  const chunks = chunk("a".repeat(50_000)).repeat(60);
  for (const path of ["/api/v1/login", "/api/v1/agents/one/messages"]) {
    const headers = [json, `Authorization: Bearer ${token}`, "Transfer-Encoding: chunked"];
    const [first] = await statuses(
      rawRequest(gateway.port, `POST ${path}`, headers, `${chunks}0\r\n\r\n`),
    );
    expect([path, first]).toEqual([path, 413]);
  }
  expect((await gateway.ask("/healthz", { headers: { "x-large": large } })).status).toBe(431);
  expect((await gateway.ask(`/${large}`)).status).toBe(431);
});

test("JSON that is deep or names a prototype costs nothing and changes nothing", async () => {
  const depths = ["[".repeat(60_000), '{"a":'.repeat(10_000), `{"email":${"[".repeat(30_000)}`];
  for (const body of depths) {
    const { status, json: said } = await gateway.ask("/api/v1/login", { body });
    expect([status, said.detail]).toEqual([400, "the body is too deep"]);
  }
  // Two million brackets took a second, in which nobody else was served.
  const body = "[".repeat(2_000_000);
  const began = performance.now();
  const sent = gateway.ask("/api/v1/agents/one/messages", { token, body });
  expect((await sent).status).toBe(400);
  expect(performance.now() - began).toBeLessThan(700);
  const polluted =
    '{"__proto__":{"role":"admin","isAdmin":true},"constructor":{"prototype":{"role":"admin"}},"name":"p","scopes":["agents:read"]}';
  await gateway.ask("/api/v1/tokens", { cookie, body: polluted });
  const me = await gateway.ask("/api/v1/me", { token });
  expect([me.json.scopes.includes("users:write"), me.json.isAdmin]).toEqual([false, undefined]);
  for (const query of [
    "__proto__[x]=1",
    "__proto__=1",
    "limit=1&extra=1",
    "limit[]=1",
    "limit=1e9",
    "limit=0x10",
    "limit=-1",
  ]) {
    const { status } = await gateway.ask(`/api/v1/messages?${query}`, { token });
    expect([query, status === 200 && !query.startsWith("__proto__")]).toEqual([query, false]);
  }
});

test("input of the size that expressions choke on is answered at once (ReDoS)", async () => {
  const long = 60_000;
  const asks: [string, () => Promise<unknown>][] = [
    [
      "spaces in Authorization",
      () =>
        gateway.ask("/api/v1/me", {
          headers: { authorization: `Bearer${" ".repeat(7_000)}\u00a0` },
        }),
    ],
    [
      "dots in an e-mail",
      () =>
        gateway.ask("/api/v1/login", { body: { email: `a@${"a.".repeat(120)}`, password: "x" } }),
    ],
    [
      "a long e-mail",
      () => gateway.ask("/api/v1/login", { body: { email: "@".repeat(long), password: "x" } }),
    ],
    [
      "a long name",
      () =>
        gateway.ask("/api/v1/tokens", {
          cookie,
          body: { name: "\u0000".repeat(10_000), scopes: ["agents:read"] },
        }),
    ],
    [
      "long scopes",
      () =>
        gateway.ask("/api/v1/tokens", {
          cookie,
          body: { name: "x", scopes: ["a:".repeat(20_000)] },
        }),
    ],
    [
      "many scopes",
      () =>
        gateway.ask("/api/v1/tokens", {
          cookie,
          body: { name: "x", scopes: Array.from({ length: 10_000 }, () => "a") },
        }),
    ],
    [
      "digits in a password",
      () =>
        gateway.ask("/api/v1/users", {
          cookie,
          body: {
            email: "r@example.com",
            name: "r",
            role: "viewer",
            password: `${"1!".repeat(500)}x`.repeat(50),
          },
        }),
    ],
    ["cookies", () => gateway.ask("/api/v1/me", { cookie: "mosaic_session=;".repeat(400) })],
    [
      "addresses",
      () => gateway.ask("/healthz", { headers: { "x-forwarded-for": "1,".repeat(4_000) } }),
    ],
    ["a long id", () => gateway.ask(`/api/v1/messages/${"a".repeat(7_000)}`, { token })],
    [
      "a long Last-Event-ID",
      () =>
        gateway.ask("/api/v1/agents/one/tail", {
          token,
          headers: { "last-event-id": "-".repeat(7_000) },
        }),
    ],
  ];
  for (const [name, ask] of asks) {
    const began = performance.now();
    await ask();
    expect([name, performance.now() - began < 1_500]).toEqual([name, true]);
  }
});

test("a client that trickles its request or its body is given up, and others are served meanwhile (slowloris)", async () => {
  const headers = await Promise.all(Array.from({ length: 100 }, () => rawConnection(gateway.port)));
  const bodies = await Promise.all(Array.from({ length: 100 }, () => rawConnection(gateway.port)));
  for (const connection of headers)
    connection.write(`GET /healthz HTTP/1.1\r\nHost: 127.0.0.1:${gateway.port}\r\nX-A: `);
  for (const connection of bodies) {
    connection.write(
      rawRequest(gateway.port, "POST /api/v1/login", [json, "Content-Length: 60000"], "{"),
    );
  }
  const all = [...headers, ...bodies];
  const trickle = setInterval(() => {
    for (const connection of all) if (!connection.isClosed()) connection.write("a");
  }, 500);
  try {
    expect((await gateway.ask("/api/v1/me", { token })).status).toBe(200);
    await eventually(() => headers.every((one) => one.isClosed()), {
      what: "the end of slow headers",
      timeoutMs: 25_000,
    });
    const answered = () => bodies.every((one) => parseAnswers(one.received())[0]?.status === 408);
    await eventually(answered, { what: "the end of slow bodies", timeoutMs: 25_000 });
  } finally {
    clearInterval(trickle);
    for (const connection of all) connection[Symbol.dispose]();
  }
}, 60_000);

test("a client that breaks off leaves nothing in the log (log flooding), and what it sends is never a line of it (log injection)", async () => {
  const before = gateway.log();
  for (let index = 0; index < 5; index++) {
    using connection = await rawConnection(gateway.port);
    connection.write(
      rawRequest(gateway.port, "POST /api/v1/login", [json, "Content-Length: 90"], "{"),
    );
    await eventually(async () => (await gateway.ask("/healthz")).status === 200);
  }
  const evil = "x\r\nmosaic: everything is fine\u001b[2J\u0007";
  const body = { email: evil, password: evil };
  await gateway.ask("/api/v1/login", { body });
  await gateway.ask(`/api/v1/agents/${encodeURIComponent(evil)}`, { token });
  await gateway.ask(`/api/v1/agents/${encodeURIComponent(evil)}/messages`, {
    token,
    body: { text: evil },
  });
  expect(gateway.log()).toBe(before);
  const audit = await gateway.ask("/api/v1/audit", { cookie });
  expect(audit.text).not.toMatch(/everything is fine|\\u001b/);
});

test("an error tells no path, no stack and no source", async () => {
  home.write(roster, "version: 1\nagents: [\n");
  // What was seen half a second ago may still be shown.
  await eventually(async () => (await gateway.ask("/api/v1/agents", { token })).status === 503);
  const asks = [
    gateway.ask("/api/v1/agents", { token }),
    gateway.ask("/api/v1/agents/one", { token }),
    gateway.ask("/api/v1/agents/one/tail", { token }),
    gateway.ask("/api/v1/agents/one/messages", { token, body: { text: "x" } }),
    gateway.ask("/api/v1/agents/one/restart", { cookie, method: "POST" }),
  ];
  for (const { status, text } of await Promise.all(asks)) {
    // A roster with a fault is no fault of who asks.
    expect([status, text]).toEqual([
      503,
      expect.not.stringMatching(/roster\.yaml|\/home|\/tmp|\$bunfs| at /),
    ]);
  }
  // The log tells it, once, however many ask.
  expect(gateway.log().match(/a request failed: .*roster\.yaml/g)).toHaveLength(1);
  for (const body of [
    "{",
    "[]",
    "null",
    "1",
    '"x"',
    '{"email":1}',
    '{"email":{}}',
    "\u0000",
    "{}",
  ]) {
    const { text } = await gateway.ask("/api/v1/login", { body });
    expect(text).not.toMatch(/SyntaxError|bunfs|\.ts|\.js|node_modules| at .*:\d/);
  }
});
