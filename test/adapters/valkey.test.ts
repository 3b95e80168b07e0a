import { expect, test } from "bun:test";
import { connectValkey } from "../../src/adapters/valkey.ts";
import { eventually } from "../support/eventually.ts";
import { valkeyServer } from "../support/valkey-server.ts";

test("what is subscribed is heard, once, also after the server was away, and came back empty", async () => {
  await using server = await valkeyServer();
  await using valkey = await connectValkey(server.url);
  const heard: string[] = [];
  let ups = 0;
  valkey.onUp(() => void ups++);
  valkey.subscribe("news", (text) => void heard.push(text));
  const say = (text: string) => eventually(() => valkey.send("PUBLISH", "news", text));
  await say("one");
  await eventually(() => heard.includes("one"));
  for (const word of ["two", "three"]) {
    await server.stop();
    await eventually(() => !valkey.isUp);
    const asked = performance.now();
    const failing = await valkey.send("GET", "x").then(() => "answered", String);
    expect(failing).toContain("Valkey cannot be used now");
    expect(performance.now() - asked).toBeLessThan(200);
    await server.start();
    await eventually(() => valkey.isUp);
    await say(word);
    await eventually(() => heard.includes(word));
  }
  expect(heard).toEqual(["one", "two", "three"]);
  expect(ups).toBe(2);
}, 60_000);

test("a server that hangs is away, and comes back", async () => {
  await using server = await valkeyServer();
  await using valkey = await connectValkey(server.url);
  server.pause();
  const failing = await valkey.send("GET", "x").then(() => "answered", String);
  expect(failing).toContain("Valkey cannot be used now");
  expect(valkey.isUp).toBe(false);
  server.resume();
  await eventually(() => valkey.isUp);
  expect(await valkey.send("PING")).toBe("PONG");
}, 30_000);

test("a subscription that the server dropped is noticed, though the connection stands", async () => {
  await using server = await valkeyServer();
  await using valkey = await connectValkey(server.url);
  const heard: string[] = [];
  valkey.subscribe("news", (text) => void heard.push(text));
  await server.cli("CLIENT", "KILL", "TYPE", "pubsub");
  await eventually(async () => (await server.cli("PUBSUB", "NUMSUB", "news")) === "news\n1");
  await eventually(() => valkey.send("PUBLISH", "news", "again"));
  await eventually(() => heard.includes("again"));
}, 30_000);

test("a wrong password is no connection, and an error reply does not end one", async () => {
  await using server = await valkeyServer();
  await using refused = await connectValkey(server.url.replace("of-the", "of-another"));
  expect(refused.isUp).toBe(false);
  await using valkey = await connectValkey(server.url);
  const failing = await valkey.send("NO-SUCH-COMMAND").then(() => "answered", String);
  expect([failing.includes("Valkey cannot be used now"), valkey.isUp]).toEqual([true, true]);
}, 30_000);

test("without a server it waits for one, and ends at once", async () => {
  await using server = await valkeyServer();
  await server.stop();
  const asked = performance.now();
  await using valkey = await connectValkey(server.url);
  expect(valkey.isUp).toBe(false);
  expect(performance.now() - asked).toBeLessThan(1_500);
}, 30_000);
