// A pi that nobody has logged in drops a prompt, and only its screen says so: a message to it is refused, with the cause.
import { expect, test } from "bun:test";
import { installAgents } from "../support/agents.ts";
import { builtinFleet } from "../support/builtin-fleet.ts";
import { mosaicBinary } from "../support/mosaic-binary.ts";
import { runCommand } from "../support/run-command.ts";
import { tempHome } from "../support/temp-home.ts";

test("a message to a pi without a model is refused, and the receipt names the cause", async () => {
  const [agents, binary] = await Promise.all([installAgents(), mosaicBinary()]);
  const dir = tempHome();
  dir.write("home/.pi/agent/settings.json", JSON.stringify({ enableInstallTelemetry: false }));
  await using fleet = builtinFleet({
    agents: `\n  - { name: pi, runtime: pi, env: { PI_OFFLINE: "1" } }`,
    dir,
    self: [binary],
    env: { PATH: `${agents.path}:/usr/bin:/bin` },
  });
  const run = (words: readonly string[]) =>
    runCommand([binary, ...words], { env: fleet.env, cwd: dir.path, timeoutMs: 120_000 });
  expect((await run(["fleet", "start"])).exitCode).toBe(0);
  await run(["agent", "wait", "pi", "--for", "idle", "--timeout", "90s"]);
  // Both times: the first refusal leaves nothing behind.
  for (const text of ["hello", "again"]) {
    const { exitCode, stderr } = await run(["agent", "send", "pi", "-m", text]);
    expect([exitCode, stderr.split("\n")[0]]).toEqual([
      4,
      "mosaic: refused to type into pi: pi has no key or login: /login in pi",
    ]);
  }
  const { stdout } = await run(["agent", "messages", "pi", "--json"]);
  const [message] = JSON.parse(stdout).messages;
  expect(message.receipts.at(-1)).toMatchObject({
    status: "refused",
    source: "agent",
    cause: "no-model",
  });
}, 120_000);
