// Attacks on the gateway by names: who asks under whose name, from which page, over which address. The compiled binary, real
// sockets. The incidents are those of section 4 of the research on gateways.
// Over 200 lines because every attack is made on the same gateway.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { admin, type TestGateway, testGateway } from "../support/gateway.ts";
import { privateEnvironment } from "../support/private-environment.ts";
import { rawAnswers, rawRequest } from "../support/raw-http.ts";
import { tempHome, type TempHome } from "../support/temp-home.ts";

let home: TempHome;
let gateway: TestGateway;
let cookie: string;

beforeAll(async () => {
  home = tempHome();
  gateway = await testGateway({ env: privateEnvironment(home.path) });
  cookie = await gateway.login();
}, 120_000);

afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  home.remove();
});

/** The status of a raw request, with the cookie of the admin. */
async function statusOf(line: string, headers: readonly string[], body = ""): Promise<number> {
  const length = body === "" ? [] : [`Content-Length: ${body.length}`];
  const all = [`Cookie: ${cookie}`, ...length, ...headers];
  const [answer] = await rawAnswers(gateway.port, rawRequest(gateway.port, line, all, body));
  return answer?.status ?? 0;
}

test("a page whose name was bound to our address gets nothing (DNS rebinding; openclaw served any Host)", async () => {
  const own = `127.0.0.1:${gateway.port}`;
  const hostile = [
    "evil.example",
    `evil.example:${gateway.port}`,
    `127.0.0.1.evil.example:${gateway.port}`,
    `localhost.evil.example:${gateway.port}`,
    `localhost:${gateway.port}.evil.example`,
    `localhost.:${gateway.port}`,
    `127.1:${gateway.port}`,
    `2130706433:${gateway.port}`,
    `0x7f000001:${gateway.port}`,
    `0.0.0.0:${gateway.port}`,
    `[::]:${gateway.port}`,
    `[::ffff:127.0.0.1]:${gateway.port}`,
    `[0:0:0:0:0:0:0:1]:${gateway.port}`,
    `user@localhost:${gateway.port}`,
    "localhost",
    "localhost:3000",
    "127.0.0.1:80",
    `10.0.0.1:${gateway.port}`,
  ];
  for (const path of ["/healthz", "/api/v1/me", "/api/v1/agents/one/tail", "/nothing"]) {
    for (const host of hostile) {
      expect([host, path, await statusOf(`GET ${path}`, [`Host: ${host}`])]).toEqual([
        host,
        path,
        421,
      ]);
    }
  }
  // Two at once: neither is believed.
  for (const hosts of [
    [own, "evil.example"],
    ["evil.example", own],
  ]) {
    const both = hosts.map((host) => `Host: ${host}`);
    expect([400, 421]).toContain(await statusOf("GET /api/v1/me", both));
  }
  const none = await rawAnswers(gateway.port, "GET /healthz HTTP/1.1\r\n\r\n");
  expect(none.map(({ status }) => status)).toEqual([400]);
  // A name in the target of the request is no way around the one in Host.
  expect(await statusOf(`GET http://${own}/api/v1/me`, ["Host: evil.example"])).toBe(421);
  for (const host of [own, `LOCALHOST:${gateway.port}`, `[::1]:${gateway.port}`]) {
    expect([host, await statusOf("GET /api/v1/me", [`Host: ${host}`])]).toEqual([host, 200]);
  }
});

const hostileOrigins = (port: number): string[] => [
  "https://evil.example",
  "null",
  "",
  "file://",
  "http://localhost:3001",
  "http://localhost:3000.evil.example",
  "https://localhost:3000",
  "http://LOCALHOST:3000",
  `https://127.0.0.1:${port}`,
  `http://localhost:${port}`,
  `http://[::1]:${port}`,
  `http://127.0.0.1:${port}.evil.example`,
  `http://127.0.0.1:${port}/`,
  `http://127.0.0.1:${port}, https://evil.example`,
  "http://127.0.0.1",
  "chrome-extension://abcdefghijklmnop",
];

test("a page of any other origin asks in vain, cookie or not (ClawJacked: any page reached the socket of loopback)", async () => {
  for (const origin of hostileOrigins(gateway.port)) {
    for (const line of [
      "GET /api/v1/me",
      "POST /api/v1/login",
      "POST /api/v1/logout",
      "GET /healthz",
      "OPTIONS /api/v1/me",
    ]) {
      const status = await statusOf(line, [`Origin: ${origin}`]);
      expect([origin, line, status]).toEqual([origin, line, 403]);
    }
  }
  expect(await statusOf("GET /api/v1/me", [`Origin: http://127.0.0.1:${gateway.port}`])).toBe(200);
});

test("an upgrade to a WebSocket passes the same gate before it (CVE-2023-26114 of code-server; openclaw answered 101 first)", async () => {
  const upgrade = [
    "Upgrade: websocket",
    "Connection: Upgrade",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Version: 13",
  ];
  for (const path of ["/", "/api/v1/agents/one/tail", "/api/v1/me", "/ws"]) {
    for (const origin of hostileOrigins(gateway.port)) {
      const status = await statusOf(`GET ${path}`, [...upgrade, `Origin: ${origin}`]);
      expect([path, origin, status]).toEqual([path, origin, 403]);
    }
    expect(await statusOf(`GET ${path}`, [...upgrade, "Host: evil.example"])).toBe(421);
    expect(await statusOf(`GET ${path}`, upgrade)).not.toBe(101);
  }
});

test("another site's form, image and link do nothing with a cookie that is live (CSRF)", async () => {
  const before = await gateway.ask("/api/v1/tokens", { cookie });
  const body = JSON.stringify({ name: "planted", scopes: ["agents:read"] });
  for (const site of ["cross-site", "same-site"]) {
    for (const type of ["text/plain", "application/x-www-form-urlencoded", "application/json"]) {
      const headers = [
        `Content-Type: ${type}`,
        `Sec-Fetch-Site: ${site}`,
        "Sec-Fetch-Mode: no-cors",
      ];
      expect(await statusOf("POST /api/v1/tokens", headers, body)).toBe(403);
    }
    expect(await statusOf("GET /api/v1/me", [`Sec-Fetch-Site: ${site}`])).toBe(403);
  }
  // An old browser that says nothing of where it comes from still cannot send JSON without a question.
  for (const type of [
    "text/plain",
    "multipart/form-data; boundary=x",
    "application/x-www-form-urlencoded",
    "text/json",
    "",
  ]) {
    const headers = type === "" ? [] : [`Content-Type: ${type}`];
    expect([type, await statusOf("POST /api/v1/tokens", headers, body)]).toEqual([type, 415]);
  }
  expect((await gateway.ask("/api/v1/tokens", { cookie })).json).toEqual(before.json);
});

test("the origin of the default may ask, but not with a cookie, and no origin is ever a wildcard (CORS)", async () => {
  const origin = "http://localhost:3000";
  const preflight = await gateway.ask("/api/v1/me", {
    method: "OPTIONS",
    headers: {
      origin,
      "access-control-request-method": "GET",
      "access-control-request-headers": "authorization",
    },
  });
  expect([
    preflight.status,
    preflight.headers.get("access-control-allow-origin"),
    preflight.headers.get("access-control-allow-credentials"),
    preflight.headers.get("vary"),
  ]).toEqual([204, origin, null, "Origin"]);
  const asked = await gateway.ask("/api/v1/me", { cookie, headers: { origin } });
  expect([asked.status, asked.json.type]).toEqual([403, "urn:mosaic:problem:origin-not-allowed"]);
  // Beside it a bearer that is nonsense makes the cookie no better.
  const both = await gateway.ask("/api/v1/me", {
    cookie,
    headers: { origin, authorization: "Bearer x" },
  });
  expect(both.status).toBe(401);
  const refused = await gateway.ask("/api/v1/me", {
    method: "OPTIONS",
    headers: { origin: "https://evil.example", "access-control-request-method": "GET" },
  });
  expect([refused.status, refused.headers.get("access-control-allow-origin")]).toEqual([403, null]);
});

test("whatever is answered, nobody keeps it, frames it or takes it for a page", async () => {
  const asks = [
    gateway.ask("/healthz"),
    gateway.ask("/readyz"),
    gateway.ask("/nothing"),
    gateway.ask("/api/v1/me"),
    gateway.ask("/api/v1/me", { cookie }),
    gateway.ask("/api/v1/me", { cookie, headers: { host: "evil.example" } }),
    gateway.ask("/api/v1/me", { cookie, method: "PUT" }),
    gateway.ask("/api/v1/login", { body: "{" }),
    gateway.ask("/metrics", { cookie }),
    gateway.ask("/api/v1/login", { body: { email: admin.email, password: admin.password } }),
  ];
  for (const { status, headers } of await Promise.all(asks)) {
    expect({
      status,
      "cache-control": headers.get("cache-control"),
      "x-content-type-options": headers.get("x-content-type-options"),
      "content-security-policy": headers.get("content-security-policy"),
      "referrer-policy": headers.get("referrer-policy"),
      server: headers.get("server"),
      "x-powered-by": headers.get("x-powered-by"),
    }).toEqual({
      status,
      "cache-control": "no-store",
      "x-content-type-options": "nosniff",
      "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
      "referrer-policy": "no-referrer",
      server: null,
      "x-powered-by": null,
    });
  }
});

test("it listens on the address that was asked for and on no other (Bun.serve listens everywhere by default; 63,070 open hosts)", async () => {
  expect(listeners(gateway.port)).toEqual(["127.0.0.1"]);
  for (const [asked, wanted] of [
    ["::1", "::1"],
    ["localhost", "127.0.0.1"],
    ["127.0.0.2", "127.0.0.2"],
  ] as const) {
    using other = tempHome();
    const env = { ...privateEnvironment(other.path), MOSAIC_GATEWAY_HOST: asked };
    await using second = await testGateway({ env });
    expect([asked, ...listeners(second.port)]).toEqual([asked, wanted]);
  }
}, 60_000);

test("an address that others reach is refused without an admin, and without a proxy that has TLS", async () => {
  using other = tempHome();
  const env = privateEnvironment(other.path);
  await using fresh = await testGateway({ env, isStarted: false, hasAdmin: false });
  const open = await fresh.mosaic("gateway", "run", "--host", "0.0.0.0");
  expect([open.exitCode, open.stderr]).toEqual([
    2,
    expect.stringContaining("nothing with TLS stands in front"),
  ]);
  const behind = await fresh.mosaic(
    "gateway",
    "run",
    "--host",
    "0.0.0.0",
    "--trusted-proxies",
    "127.0.0.1",
  );
  expect([behind.exitCode, behind.stderr]).toEqual([
    4,
    expect.stringContaining("mosaic gateway admin create"),
  ]);
  expect(listeners(fresh.port)).toEqual([]);
}, 30_000);

/** Addresses on which somebody listens at this port (proc(5): hexadecimal, in the byte order of this machine). */
function listeners(port: number): string[] {
  const wanted = port.toString(16).toUpperCase().padStart(4, "0");
  return ["tcp", "tcp6"].flatMap((name) =>
    readFileSync(`/proc/net/${name}`, "utf8")
      .split("\n")
      .map((row) => row.trim().split(/\s+/))
      .filter(([, local, , state]) => state === "0A" && local?.endsWith(`:${wanted}`) === true)
      .map(([, local = ""]) => plainAddress(local.split(":")[0] ?? "")),
  );
}

function plainAddress(hex: string): string {
  if (hex === "00000000000000000000000001000000") return "::1";
  const bytes = hex.match(/../g)?.map((byte) => Number.parseInt(byte, 16)) ?? [];
  return bytes.length === 4 ? bytes.toReversed().join(".") : hex;
}
