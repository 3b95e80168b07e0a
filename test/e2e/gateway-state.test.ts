import { afterAll, beforeAll, expect, test } from "bun:test";
import { openSync, renameSync, writeSync } from "node:fs";
import { type BuiltinFleet, builtinFleet } from "../support/builtin-fleet.ts";
import { eventually } from "../support/eventually.ts";
import { testGateway } from "../support/gateway.ts";
import { mosaicBinary } from "../support/mosaic-binary.ts";

const agents = "\n  - { name: one, runtime: canary }";

let fleet: BuiltinFleet;

beforeAll(async () => {
  fleet = builtinFleet({ agents, self: [await mosaicBinary()] });
});

afterAll(async () => {
  await fleet[Symbol.asyncDispose]();
});

test("a gateway whose state.db is moved away or damaged says so, goes on with the new one, and loses nothing of it", async () => {
  await using gateway = await testGateway({ env: fleet.env });
  const token = await gateway.token("messages:send", "messages:read");
  const path = fleet.dir.at("home/.local/state/mosaic/state.db");
  const send = (text: string) =>
    gateway.ask("/api/v1/agents/one/messages", { token, body: { text } });
  const checks = async () => (await gateway.ask("/readyz")).json.checks.messages;
  for (const text of ["1", "2"]) expect((await send(text)).status).toBe(202);

  // By hand, as it was told once: without the -shm.
  renameSync(path, `${path}.old`);
  renameSync(`${path}-wal`, `${path}.old-wal`);
  const third = await eventually(() => send("3"), { until: ({ status }) => status === 202 });
  const sent = await gateway.mosaic("agent", "send", "one", "-m", "4", "--json");
  expect(await checks()).toBe("ok");
  const there = async () => {
    const listed = await gateway.mosaic("agent", "messages", "--json");
    return JSON.parse(listed.stdout).messages.map(({ id }: { id: string }) => id);
  };
  const fourth = JSON.parse(sent.stdout).id;
  expect(new Set(await there())).toEqual(new Set([third.json.id, fourth]));

  for (const end of ["", "-wal", "-shm"]) renameSync(`${path}${end}`, `${path}.second${end}`);
  const file = openSync(path, "w", 0o600);
  writeSync(file, "garbage".repeat(400));
  await eventually(checks, { until: (said) => said === "down" });
  const status = await gateway.mosaic("gateway", "status");
  expect([status.exitCode, status.stdout]).toEqual([3, expect.stringContaining("messages")]);
  expect((await send("5")).status).toBe(503);

  const mended = await gateway.mosaic("doctor", "--fix");
  expect(mended.stderr).toContain(`kept as ${path}.aside-2`);
  await eventually(checks, { until: (said) => said === "ok" });
  const sixth = await send("6");
  expect(sixth.status).toBe(202);
  await gateway.stop();
  expect(await there()).toEqual([sixth.json.id]);
}, 60_000);
