// `mosaic fleet start` without systemd: the supervisor in the background, on real tmux.
import { expect, test } from "bun:test";
import { builtinFleet, testSocket } from "../../support/builtin-fleet.ts";
import { eventually } from "../../support/eventually.ts";
import { runCommand } from "../../support/run-command.ts";
import { environmentOf, isRunning, signal } from "../../support/processes.ts";

const limitMs = 60_000;
const patience = { timeoutMs: 30_000 };

const one = "[{ name: one, args: [cat] }]";

test(
  "two `fleet start` at once end with one supervisor, and both succeed",
  async () => {
    await using fleet = builtinFleet({ agents: one });
    const both = await Promise.all([
      fleet.mosaic("fleet", "start"),
      fleet.mosaic("fleet", "start"),
    ]);
    // One may come while the other has the agent's lock, and says whom it waits for.
    const waits = /^mosaic: one: its restart lock is held by pid \d+ \(fleet start\)\n/;
    expect(
      both.map(({ exitCode, stderr }) => ({ exitCode, stderr: stderr.replace(waits, "") })),
    ).toEqual([
      { exitCode: 0, stderr: "" },
      { exitCode: 0, stderr: "" },
    ]);
    const said = await fleet.log();
    expect(said.match(/^supervising /gm)).toHaveLength(1);
    expect(said.match(/^one: ready /gm)).toHaveLength(1);
    expect((await fleet.mosaic("fleet", "stop")).exitCode).toBe(0);
    expect(fleet.processes()).toEqual([]);
  },
  limitMs,
);

test(
  "a secret of the shell that starts the fleet is in no process of it",
  async () => {
    const secret = "sk-exported-by-a-person";
    const env = { ANTHROPIC_API_KEY: secret, BUN_INSPECT: "", TMUX: "/tmp/theirs,1,0" };
    await using fleet = builtinFleet({ agents: one, env });
    expect((await fleet.mosaic("fleet", "start")).exitCode).toBe(0);
    const pids = fleet.processes();
    // Supervisor, tmux server, its holder, script, wrapper, runtime.
    expect(pids.length).toBeGreaterThanOrEqual(6);
    const exposed = pids.filter((pid) => environmentOf(pid).some((text) => text.includes(secret)));
    expect(exposed).toEqual([]);
    const shown = (await fleet.tmux("show-environment", "-g")).stdout;
    expect(shown).not.toContain(secret);
  },
  limitMs,
);

test(
  "stop means stop, also after the supervisor was killed",
  async () => {
    await using fleet = builtinFleet({ agents: one });
    await fleet.mosaic("fleet", "start");
    const { pid = 0 } = (await fleet.contact()) ?? {};
    signal(pid, "SIGKILL");
    await eventually(() => !isRunning(pid), patience);
    const status = await fleet.mosaic("fleet", "status");
    expect(status.stdout).toContain("no supervisor runs");
    const stopped = await fleet.mosaic("fleet", "stop", "--json");
    expect(JSON.parse(stopped.stdout)).toMatchObject({
      agents: [{ name: "one", result: "stopped" }],
    });
    await eventually(fleet.processes, { ...patience, until: (pids) => pids.length === 0 });
  },
  limitMs,
);

test(
  "a supervisor that hangs is named at once; what tmux says is shown all the same",
  async () => {
    await using fleet = builtinFleet({ agents: one });
    await fleet.mosaic("fleet", "start");
    const { pid = 0 } = (await fleet.contact()) ?? {};
    signal(pid, "SIGSTOP");
    const began = performance.now();
    const { exitCode, stdout, stderr } = await fleet.mosaic("fleet", "status", "--json");
    const tookMs = performance.now() - began;
    signal(pid, "SIGCONT");
    expect({ exitCode, stderr }).toEqual({ exitCode: 3, stderr: "" });
    expect(tookMs).toBeLessThan(10_000);
    expect(JSON.parse(stdout).agents[0]).toMatchObject({
      state: "running",
      reason: `the supervisor does not answer (pid ${pid})`,
      pid: expect.any(Number),
    });
    expect((await fleet.mosaic("fleet", "status")).exitCode).toBe(0);
  },
  limitMs,
);

test("why a supervisor in the background does not come is said by its own words", async () => {
  await using fleet = builtinFleet({ agents: one });
  fleet.dir.write(`home/.local/state/mosaic/fleet-${testSocket}.lock/in-the-way`, "");
  const { exitCode, stderr } = await fleet.mosaic("fleet", "start");
  expect(exitCode).toBe(1);
  expect(stderr).toMatch(/^mosaic: cannot lock .*\n[^]*hint: tail .*fleet-run\.log\n$/);
});

test(
  "an agent gets the PATH of the start that starts it, though the supervisor has an older one",
  async () => {
    await using fleet = builtinFleet({
      agents: "[{ name: one, args: [cat] }, { name: late, args: [new-tool] }]",
    });
    expect((await fleet.mosaic("fleet", "start", "one")).exitCode).toBe(0);
    fleet.dir.write("bin/new-tool", "#!/bin/sh\nexec sleep 1000\n", 0o755);
    const path = `${fleet.dir.at("bin")}:${fleet.env["PATH"]}`;
    const argv = [...fleet.self, "fleet", "start", "late"];
    const started = await runCommand(argv, { env: { ...fleet.env, PATH: path } });
    expect([started.exitCode, started.stderr]).toEqual([0, ""]);
    const status = JSON.parse((await fleet.mosaic("agent", "status", "late", "--json")).stdout);
    expect(environmentOf(status.agents[0].pid)).toContain(`PATH=${path}`);
  },
  limitMs,
);
