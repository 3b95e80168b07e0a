// Real Claude Codes in a fleet, in a home that has mosaic's hooks in its settings: one that gets them on its command line too
// reports once, and one whose roster gives settings of its own reports by way of the home's.
import { expect, test } from "bun:test";
import { installAgents } from "../support/agents.ts";
import { builtinFleet } from "../support/builtin-fleet.ts";
import { claudeEnv, seedClaudeHome } from "../support/claude-home.ts";
import { startFakeModelServer } from "../support/fake-model-server.ts";
import { mosaicBinary } from "../support/mosaic-binary.ts";
import { tempHome } from "../support/temp-home.ts";

test("both answer a message, each with one receipt of every kind", async () => {
  const [agents, binary] = await Promise.all([installAgents(), mosaicBinary()]);
  using model = startFakeModelServer();
  const dir = tempHome();
  seedClaudeHome(dir, { at: "home/", folder: dir.path });
  const env = JSON.stringify(claudeEnv(model));
  const roster = `
  - { name: given, runtime: claude, env: ${env} }
  - { name: own, runtime: claude, args: [--settings, '{"cleanupPeriodDays":30}'], env: ${env} }`;
  const path = { PATH: `${agents.path}:/usr/bin:/bin` };
  await using fleet = builtinFleet({ agents: roster, dir, self: [binary], env: path });
  expect((await fleet.mosaic("config", "hooks", "repair")).exitCode).toBe(0);
  expect((await fleet.mosaic("fleet", "start")).exitCode).toBe(0);
  for (const name of ["given", "own"]) {
    const words = ["agent", "send", name, "--message", "hello", "--wait", "answered", "--json"];
    const sent = await fleet.mosaic(...words, "--timeout", "40s");
    const { status, receipts } = JSON.parse(sent.stdout.trim().split("\n").at(-1) ?? "{}");
    const kinds = receipts.map((receipt: { status: string }) => receipt.status);
    expect([name, status, kinds]).toEqual([name, "answered", [...new Set(kinds)]]);
    const evidence = receipts.find((one: { status: string }) => one.status === "accepted");
    expect(evidence.evidence).toContain("it reports the prompt");
  }
  expect(model.requests.map(({ prompt }) => prompt.includes("hello"))).toEqual([true, true]);
}, 120_000);
