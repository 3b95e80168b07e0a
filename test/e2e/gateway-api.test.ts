// Every route of the API, once as it should go: status and body are what the route says of itself, and so the description.
import { expect, test } from "bun:test";
import * as v from "valibot";
import { routes } from "../../src/gateway/routes/table.ts";
import { builtinFleet } from "../support/builtin-fleet.ts";
import { admin, type Ask, testGateway } from "../support/gateway.ts";
import { mosaicBinary } from "../support/mosaic-binary.ts";

test("each route answers as it is described", async () => {
  const self = [await mosaicBinary()];
  await using fleet = builtinFleet({ agents: "\n  - { name: one, runtime: canary }", self });
  await using gateway = await testGateway({ env: fleet.env });
  const cookie = await gateway.login();
  const asked = new Set<string>();
  const ask = async (method: string, path: string, options: Ask & { path?: string } = {}) => {
    const route = routes.find((one) => one.method === method && one.path === path);
    asked.add(`${method} ${path}`);
    const answer = await gateway.ask(options.path ?? path, { cookie, method, ...options });
    const { status, type, schema } = route?.answer ?? { status: 0, type: "", schema: undefined };
    expect([path, answer.status, answer.text.slice(0, 300)]).toEqual([
      path,
      status,
      expect.anything(),
    ]);
    if (schema !== undefined) {
      expect([path, v.safeParse(schema, answer.json).issues ?? []]).toEqual([path, []]);
    }
    if (answer.text !== "") expect(answer.headers.get("content-type")).toStartWith(type);
    return answer.json;
  };

  await ask("GET", "/healthz");
  await ask("GET", "/readyz");
  await ask("GET", "/metrics");
  expect((await ask("GET", "/api/v1/openapi.json")).openapi).toBe("3.1.0");
  // With the cookie of a session it would end that one.
  const who = { email: admin.email, password: admin.password };
  await ask("POST", "/api/v1/login", { cookie: "", body: who });
  await gateway.login().then((other) => ask("POST", "/api/v1/logout", { cookie: other }));
  await ask("GET", "/api/v1/me");

  for (const action of ["start", "restart", "reset"]) {
    const path = `/api/v1/agents/{name}/${action}`;
    await ask("POST", path, {
      path: path.replace("{name}", "one"),
      body: action === "reset" ? { new: true } : undefined,
    });
  }
  await ask("GET", "/api/v1/agents");
  await ask("GET", "/api/v1/agents/{name}", { path: "/api/v1/agents/one" });
  const sent = await ask("POST", "/api/v1/agents/{name}/messages", {
    path: "/api/v1/agents/one/messages",
    body: { text: "hello" },
  });
  await ask("GET", "/api/v1/messages", { path: "/api/v1/messages?agent=one&limit=10" });
  await ask("GET", "/api/v1/messages/{id}", { path: `/api/v1/messages/${sent.id}` });
  const tail = await fetch(`${gateway.url}/api/v1/agents/one/tail`, { headers: { cookie } });
  expect([tail.status, tail.headers.get("content-type")]).toEqual([
    200,
    "text/event-stream; charset=utf-8",
  ]);
  await tail.body?.cancel();
  asked.add("GET /api/v1/agents/{name}/tail");
  await ask("POST", "/api/v1/agents/{name}/stop", { path: "/api/v1/agents/one/stop" });

  const user = {
    email: "new@example.com",
    name: "New",
    role: "viewer",
    password: "some-words-here",
  };
  const { id } = await ask("POST", "/api/v1/users", { body: user });
  await ask("GET", "/api/v1/users");
  await ask("PATCH", "/api/v1/users/{id}", {
    path: `/api/v1/users/${id}`,
    body: { role: "operator" },
  });
  const other = await gateway.login(user);
  await ask("POST", "/api/v1/me/password", {
    cookie: other,
    body: { current: user.password, password: "other-words-here" },
  });
  expect((await gateway.ask("/api/v1/me", { cookie: other })).status).toBe(401);
  await ask("DELETE", "/api/v1/users/{id}/sessions", { path: `/api/v1/users/${id}/sessions` });

  const token = await ask("POST", "/api/v1/tokens", {
    body: { name: "ci", scopes: ["agents:read"] },
  });
  await ask("GET", "/api/v1/tokens");
  await ask("DELETE", "/api/v1/tokens/{id}", { path: `/api/v1/tokens/${token.id}` });
  await ask("GET", "/api/v1/audit");

  expect([...asked].toSorted()).toEqual(
    routes.map(({ method, path }) => `${method} ${path}`).toSorted(),
  );
}, 60_000);
