import { expect, test } from "bun:test";
import { existsSync, statSync } from "node:fs";
import { sockets } from "../../src/adapters/sockets.ts";
import { spawn } from "../../src/adapters/spawn.ts";
import type { HttpRequest } from "../../src/context.ts";
import { eventually } from "../support/eventually.ts";
import { outputOf } from "../support/run-command.ts";
import { tempHome } from "../support/temp-home.ts";

test("a request reaches the handler and its answer comes back", async () => {
  using home = tempHome();
  const seen: HttpRequest[] = [];
  const server = await sockets.serve(home.at("run/s"), async (request) => {
    seen.push(request);
    return { status: 201, body: { ok: ["ä"] } };
  });
  const body = { names: ["a", "b"] };
  const answer = await sockets.request(home.at("run/s"), {
    method: "POST",
    path: "/start?x=1",
    body,
  });
  await sockets.request(home.at("run/s"), { method: "GET", path: "/" });
  await server.close();
  expect(answer).toEqual({ status: 201, body: { ok: ["ä"] } });
  expect(seen).toEqual([
    { method: "POST", path: "/start?x=1", body },
    { method: "GET", path: "/", body: undefined },
  ]);
});

test("the socket lies in a private folder and is gone after close", async () => {
  using home = tempHome();
  const server = await sockets.serve(home.at("run/s"), async () => ({ status: 200, body: null }));
  expect(statSync(home.at("run")).mode & 0o777).toBe(0o700);
  await server.close();
  expect(existsSync(home.at("run/s"))).toBe(false);
});

test("nobody listens: no socket, one that a killed process left, a plain file", async () => {
  using home = tempHome();
  await leaveStaleSocket(home.at("stale"));
  home.write("plain", "");
  const ask = (name: string) => sockets.request(home.at(name), { method: "GET", path: "/" });
  expect(await Promise.all(["missing", "stale", "plain"].map(ask))).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
});

test("a socket that a killed process left is taken over", async () => {
  using home = tempHome();
  await leaveStaleSocket(home.at("s"));
  const server = await sockets.serve(home.at("s"), async () => ({ status: 200, body: "new" }));
  const answer = await sockets.request(home.at("s"), { method: "GET", path: "/" });
  await server.close();
  expect(answer).toEqual({ status: 200, body: "new" });
});

test("what is no socket is never removed", async () => {
  using home = tempHome();
  const path = home.write("file", "precious");
  const error = await sockets
    .serve(path, async () => ({ status: 200, body: null }))
    .catch((fault: unknown) => fault);
  expect(error).toMatchObject({ name: "AppError", exitCode: 4 });
  expect(home.read("file")).toBe("precious");
});

test("a path longer than the kernel's 107 bytes works", async () => {
  using home = tempHome();
  const path = home.at(`${"long-name-".repeat(12)}/s`);
  const server = await sockets.serve(path, async () => ({ status: 200, body: 1 }));
  const answer = await sockets.request(path, { method: "GET", path: "/" });
  await server.close();
  expect(answer).toEqual({ status: 200, body: 1 });
});

test("a handler that throws is a 500 with its words", async () => {
  using home = tempHome();
  const server = await sockets.serve(home.at("s"), async () => {
    throw new Error("no such agent");
  });
  const answer = await sockets.request(home.at("s"), { method: "GET", path: "/" });
  await server.close();
  expect(answer).toEqual({ status: 500, body: { error: "no such agent" } });
});

test.each([
  [{ method: "POST", body: "{" }, 400],
  [{ method: "DELETE" }, 405],
])("%j is refused before the handler", async (init, status) => {
  using home = tempHome();
  const server = await sockets.serve(home.at("s"), () => Promise.reject(new Error("called")));
  const response = await fetch("http://mosaic/", { unix: home.at("s"), ...init });
  await server.close();
  expect(response.status).toBe(status);
});

test("an answer that does not come is an error that says so", async () => {
  using home = tempHome();
  const { promise, resolve } = Promise.withResolvers<{ status: number; body: unknown }>();
  const server = await sockets.serve(home.at("s"), () => promise);
  const error = await sockets
    .request(home.at("s"), { method: "GET", path: "/", timeoutMs: 50 })
    .catch((fault: unknown) => fault);
  resolve({ status: 200, body: null });
  await server.close();
  expect(error).toMatchObject({
    name: "AppError",
    message: `no answer on ${home.at("s")} within 0.05 s`,
    exitCode: 75,
  });
});

test("close waits for an answer under way, and not for one that never comes", async () => {
  using home = tempHome();
  const waiting: ((answer: { status: number; body: unknown }) => void)[] = [];
  const server = await sockets.serve(home.at("s"), () => {
    const { promise, resolve } = Promise.withResolvers<{ status: number; body: unknown }>();
    waiting.push(resolve);
    return promise;
  });
  const ask = () =>
    sockets
      .request(home.at("s"), { method: "GET", path: "/" })
      .catch((fault: unknown) => (fault instanceof Error ? fault.message : fault));
  const [first, second] = [ask(), ask()];
  await eventually(() => waiting.length === 2);
  const closed = server.close();
  waiting[0]?.({ status: 200, body: "late" });
  await closed;
  expect(
    (await Promise.all([first, second])).map((answer) => JSON.stringify(answer)).toSorted(),
  ).toEqual([expect.stringContaining("cannot talk on"), '{"status":200,"body":"late"}']);
});

test("a proxy in the environment is not asked", async () => {
  using home = tempHome();
  const server = await sockets.serve(home.at("s"), async () => ({ status: 200, body: "direct" }));
  const script = `
    const { sockets } = await import("${import.meta.dir}/../../src/adapters/sockets.ts");
    const answer = await sockets.request("${home.at("s")}", { method: "GET", path: "/" });
    process.stdout.write(JSON.stringify(answer));`;
  const proxy = "http://127.0.0.1:9";
  const env = { ...process.env, HTTP_PROXY: proxy, http_proxy: proxy, ALL_PROXY: proxy };
  const said = await outputOf([process.execPath, "-e", script], { env });
  await server.close();
  expect(JSON.parse(said)).toEqual({ status: 200, body: "direct" });
});

async function leaveStaleSocket(path: string): Promise<void> {
  const script = `Bun.serve({ unix: "${path}", fetch: () => new Response() });`;
  const child = spawn([process.execPath, "-e", script], { env: { ...process.env, PATH: "" } });
  await eventually(() => existsSync(path));
  child.kill("SIGKILL");
  await child.exited;
}
