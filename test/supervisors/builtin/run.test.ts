// `mosaic fleet run` in the foreground, on real tmux: signals, exit codes, and what it refuses.
import { expect, test } from "bun:test";
import { type BuiltinFleet, builtinFleet } from "../../support/builtin-fleet.ts";
import { eventually } from "../../support/eventually.ts";
import { isRunning } from "../../support/processes.ts";
import { runCommand } from "../../support/run-command.ts";

const limitMs = 60_000;
const patience = { timeoutMs: 30_000 };

const one = "[{ name: one, args: [cat] }]";
const deaf = `[{ name: one, args: [sh, -c, 'trap "" HUP TERM; sleep 1000'] }]`;

/** `mosaic fleet run ARGS…` as a child of the test. */
function startRun(fleet: BuiltinFleet, ...args: string[]) {
  const child = Bun.spawn([...fleet.self, "fleet", "run", ...args], {
    env: fleet.env,
    stdio: ["ignore", "pipe", "pipe"],
  });
  return { child, said: child.stderr.text() };
}

/** Pid of an agent's wrapper, once it is there. */
async function wrapperOf(fleet: BuiltinFleet, agent: string): Promise<number> {
  const format = ["display-message", "-p", "-t", `=${agent}:`, "#{pane_pid} #{@mosaic_agent}"];
  const answer = await eventually(async () => (await fleet.tmux("-N", ...format)).stdout.trim(), {
    ...patience,
    until: (line) => line.endsWith(` ${agent}`),
    what: `the pane of ${agent}`,
  });
  return Number(answer.split(" ")[0]);
}

async function untilSupervised(fleet: BuiltinFleet, pid: number): Promise<void> {
  await eventually(fleet.contact, { ...patience, until: (contact) => contact?.pid === pid });
}

test(
  "in the foreground it starts the roster, refuses a second one, and stops everything at SIGTERM",
  async () => {
    await using fleet = builtinFleet({ agents: one });
    const run = startRun(fleet);
    await wrapperOf(fleet, "one");
    await untilSupervised(fleet, run.child.pid);
    const second = await fleet.mosaic("fleet", "run");
    expect(second.exitCode).toBe(75);
    expect(second.stderr).toContain(`already (pid ${run.child.pid})`);
    run.child.kill("SIGTERM");
    expect(await run.child.exited).toBe(0);
    // The tmux server answers that it ends before it has ended.
    await eventually(() => fleet.processes().length === 0, patience);
    expect(await run.said).toMatch(/one: ready pane=%\d+ pid=\d+\n[^]*stopped\n$/);
  },
  limitMs,
);

test(
  "a second signal does not wait for an agent that will not end",
  async () => {
    await using fleet = builtinFleet({ agents: deaf });
    const run = startRun(fleet);
    await eventually(async () => (await fleet.mosaic("fleet", "status")).exitCode === 0, patience);
    run.child.kill("SIGINT");
    // The first one has been heard when the supervisor says that it stops.
    await eventually(
      async () => (await fleet.mosaic("fleet", "status", "--json")).stdout.includes("stopping"),
      patience,
    );
    const began = performance.now();
    run.child.kill("SIGINT");
    expect(await run.child.exited).toBe(0);
    await eventually(() => fleet.processes().length === 0, patience);
    // An agent has 5 s to end when nobody hurries.
    expect(performance.now() - began).toBeLessThan(4000);
  },
  limitMs,
);

test(
  "SIGHUP ends the supervisor alone; the next one takes the agents over",
  async () => {
    await using fleet = builtinFleet({ agents: one });
    const first = startRun(fleet);
    await untilSupervised(fleet, first.child.pid);
    const pid = await wrapperOf(fleet, "one");
    first.child.kill("SIGHUP");
    expect(await first.child.exited).toBe(0);
    expect(await wrapperOf(fleet, "one")).toBe(pid);

    const second = startRun(fleet);
    await untilSupervised(fleet, second.child.pid);
    await eventually(async () => (await fleet.mosaic("fleet", "status")).exitCode === 0, patience);
    expect(await wrapperOf(fleet, "one")).toBe(pid);
    second.child.kill("SIGTERM");
    expect(await second.child.exited).toBe(0);
    expect(isRunning(pid)).toBe(false);
    expect(await second.said).toContain("one: taken over");
  },
  limitMs,
);

test(
  "it ends with 1 when every agent has failed for good",
  async () => {
    const agents =
      "[{ name: one, args: [sh, -c, 'exit 78'] }, { name: two, args: [sh, -c, 'exit 3'] }]";
    await using fleet = builtinFleet({ agents });
    const run = startRun(fleet);
    expect(await run.child.exited).toBe(1);
    expect(await run.said).toContain("mosaic: every agent has failed for good");
    await eventually(() => fleet.processes().length === 0, patience);
  },
  limitMs,
);

test("it says what is missing: tmux, or a roster", async () => {
  await using fleet = builtinFleet({ agents: one });
  const withoutTmux = await runCommand([...fleet.self, "fleet", "run"], {
    env: { ...fleet.env, PATH: fleet.dir.at("bin") },
  });
  expect(withoutTmux.exitCode).toBe(1);
  expect(withoutTmux.stderr).toContain("mosaic: tmux is not installed");
  fleet.dir.write("home/.config/mosaic/fleet/roster.yaml", "version: 2\n");
  const withoutRoster = await fleet.mosaic("fleet", "run");
  expect(withoutRoster.exitCode).toBe(2);
});

test(
  "a session that a person made on our server outlives the supervisor",
  async () => {
    await using fleet = builtinFleet({ agents: one });
    const run = startRun(fleet);
    await wrapperOf(fleet, "one");
    await untilSupervised(fleet, run.child.pid);
    await fleet.tmux("-N", "new-session", "-d", "-s", "mine", "cat");
    run.child.kill("SIGTERM");
    expect(await run.child.exited).toBe(0);
    expect(await run.said).toContain(
      "kept the tmux server: it holds sessions that are not ours: mine",
    );
    expect((await fleet.tmux("-N", "has-session", "-t", "=mine")).exitCode).toBe(0);
    await fleet.tmux("-N", "kill-server");
  },
  limitMs,
);
