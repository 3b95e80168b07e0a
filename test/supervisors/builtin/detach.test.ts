// SIGHUP while agents are not up: "the agents live on" holds for those that wait or are starting, too. On real tmux.
import { expect, test } from "bun:test";
import { builtinFleet, type BuiltinFleet } from "../../support/builtin-fleet.ts";
import { eventually } from "../../support/eventually.ts";
import { isRunning, signal } from "../../support/processes.ts";

const limitMs = 60_000;
const patience = { timeoutMs: 30_000 };

const crashing = "[{ name: live, args: [cat] }, { name: down, args: [sh, -c, 'exit 7'] }]";

/** A pause that no test sits through. */
const longPause = "{ policy: on-failure, burst: 9, window: 15m, backoff: 10m, backoffMax: 10m }";

async function stateOf(fleet: BuiltinFleet): Promise<Record<string, string>> {
  const { stdout } = await fleet.mosaic("fleet", "status", "--json");
  const { agents }: { agents: { name: string; state: string }[] } = JSON.parse(stdout);
  return Object.fromEntries(agents.map(({ name, state }) => [name, state]));
}

async function untilStates(fleet: BuiltinFleet, wanted: Record<string, string>): Promise<void> {
  const what = `agents to be ${JSON.stringify(wanted)}`;
  const until = (states: object) => Bun.deepEquals(states, wanted);
  await eventually(() => stateOf(fleet), { ...patience, what, until });
}

/** SIGHUP to the supervisor in the background, and its end. */
async function takeAway(fleet: BuiltinFleet): Promise<void> {
  const { pid = 0 } = (await fleet.contact()) ?? {};
  signal(pid, "SIGHUP");
  await eventually(() => !isRunning(pid), { timeoutMs: 8_000, what: "the supervisor to end" });
}

test(
  "an agent in its pause goes on waiting under the next supervisor",
  async () => {
    await using fleet = builtinFleet({ agents: crashing, restart: longPause });
    await fleet.mosaic("fleet", "start");
    await untilStates(fleet, { live: "running", down: "restarting" });
    await takeAway(fleet);
    expect(await fleet.log()).toContain("the next supervisor starts what was not up: down\n");
    await fleet.mosaic("fleet", "start", "live");
    await untilStates(fleet, { live: "running", down: "restarting" });
    expect(await fleet.log()).toContain("down: taken over");
  },
  limitMs,
);

test(
  "a stop without a supervisor also takes an agent off the waiting list",
  async () => {
    await using fleet = builtinFleet({ agents: crashing, restart: longPause });
    await fleet.mosaic("fleet", "start");
    await untilStates(fleet, { live: "running", down: "restarting" });
    await takeAway(fleet);
    const stop = async () => {
      const { stdout } = await fleet.mosaic("fleet", "stop", "down", "--json");
      return JSON.parse(stdout).agents[0].result;
    };
    expect([await stop(), await stop()]).toEqual(["stopped", "already-stopped"]);
    await fleet.mosaic("fleet", "start", "live");
    await untilStates(fleet, { live: "running", down: "stopped" });
  },
  limitMs,
);

test(
  "agents that are starting come up, or wait for the next supervisor; none is lost, none is started twice",
  async () => {
    const names = Array.from({ length: 24 }, (_, index) => `agent-${index}`);
    const agents = names.map((name) => `{ name: ${name}, args: [cat] }`).join(", ");
    await using fleet = builtinFleet({ agents: `[${agents}]` });
    const paneFormat = ["list-panes", "-a", "-F", "#{session_name} #{pane_pid}"];
    const panes = async () => (await fleet.tmux("-N", ...paneFormat)).stdout.trim().split("\n");
    const first = Bun.spawn([...fleet.self, "fleet", "run"], {
      env: fleet.env,
      stdio: ["ignore", "ignore", "pipe"],
    });
    const said = first.stderr.text();
    // In the middle of the burst: some are up, some have a script, some wait for their turn.
    await eventually(async () => (await panes()).length > 4, patience);
    first.kill("SIGHUP");
    expect(await first.exited).toBe(0);
    expect(await said).toContain("the next supervisor starts what was not up: agent-");
    const before = await panes();

    const second = Bun.spawn([...fleet.self, "fleet", "run", "--adopt-only"], {
      env: fleet.env,
      stdio: ["ignore", "ignore", "ignore"],
    });
    await untilStates(fleet, Object.fromEntries(names.map((name) => [name, "running"])));
    const after = await panes();
    expect(after).toHaveLength(names.length + 1);
    expect(after).toEqual(expect.arrayContaining(before));
    second.kill("SIGTERM");
    expect(await second.exited).toBe(0);
  },
  limitMs,
);
