// The main job on a real agent: the minimal profile, a real pi from npm, a model server on loopback, units of a real
// user manager. Exactness is judged by what the model server received.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { symlinkSync } from "node:fs";
import { installAgents } from "../support/agents.ts";
import { eventually } from "../support/eventually.ts";
import { type FakeModelServer, startFakeModelServer } from "../support/fake-model-server.ts";
import { seedPiHome } from "../support/pi-home.ts";
import { systemdFleet, type SystemdFleet } from "../support/systemd-fleet.ts";

let model: FakeModelServer;
let fleet: SystemdFleet;

beforeAll(async () => {
  const { bin } = await installAgents();
  model = startFakeModelServer();
  fleet = await systemdFleet();
  for (const name of ["pi", "node"])
    symlinkSync(`${bin}/${name}`, `${fleet.manager.home}/bin/${name}`);
  seedPiHome(fleet.home, model);
}, 660_000);

afterAll(async () => {
  await fleet[Symbol.asyncDispose]();
  model[Symbol.dispose]();
}, 30_000);

async function typed(line: string): Promise<string> {
  const { exitCode, stdout, stderr } = await fleet.shell(line);
  if (exitCode !== 0) throw new Error(`${line}: exit ${exitCode}\n${stdout}${stderr}`);
  return stdout;
}

test("init, install-systemd, start, verify, send: the model gets the text exactly, tail shows the answer", async () => {
  await typed("mosaic fleet init --profile minimal --write");
  // Offline, pi must not look for downloads: a site's own edit of its roster.
  await typed(
    "sed -i 's/^\\( *\\)runtime: pi$/\\1runtime: pi\\n\\1env: { PI_OFFLINE: 1 }/' ~/.config/mosaic/fleet/roster.yaml",
  );
  await typed("mosaic fleet install-systemd");
  await typed("mosaic fleet start");
  expect(await typed("mosaic fleet verify")).toMatch(
    /^ok +canary-pi: .* process (pi|node\S*) pid \d+, unit running$/m,
  );
  const text = "Three lines, $(id) and 'quotes';\n\t/not a command\n!not a shell ✓ 🚀";
  await Bun.write(`${fleet.manager.home}/message.txt`, `${text} [[reply=the answer is 42]]`);
  const sent = await typed("mosaic agent send canary-pi --file ~/message.txt --json");
  const { id, status } = JSON.parse(sent);
  // pi may have reported it before its screen was seen to change.
  expect(["submitted", "accepted", "answered"]).toContain(status);
  const request = await eventually(() => model.requests.find(({ prompt }) => prompt.includes(id)), {
    what: "the model server to get the message",
    timeoutMs: 20_000,
  });
  const host = (await typed("uname -n")).trim();
  // Without keystrokes: as it was sent, with the space that ends every message.
  expect(request?.prompt).toBe(
    `[mosaic ${id} from ${host}:operator]\n${text} [[reply=the answer is 42]] `,
  );
  const screen = await eventually(() => typed("mosaic agent tail canary-pi -n 80"), {
    until: (shown) => /^ *the answer is 42$/m.test(shown),
    what: "the answer on the screen",
    timeoutMs: 20_000,
  });
  expect(screen).toContain(`[mosaic ${id} from`);
  await typed("mosaic agent reset canary-pi --new");
  await typed("mosaic fleet verify");
  await typed("mosaic fleet stop");
  expect((await fleet.shell("mosaic fleet status")).exitCode).toBe(3);
  expect(fleet.manager.processes().length).toBeLessThan(4);
}, 120_000);
