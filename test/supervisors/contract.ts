// What every supervisor must do, on a real tmux server and by the command line alone. A new supervisor passes by giving
// supervisorContract a harness; builtin/ and systemd/contract.test.ts are the two.
// Over 200 lines because it is one list, and who reads it wants all of it.
import { describe, expect, test } from "bun:test";
import { readdirSync } from "node:fs";
import { type CommandResult } from "../support/run-command.ts";
import { eventually } from "../support/eventually.ts";
import { allPids, environmentOf, isRunning, signal } from "../support/processes.ts";

/** A home of its own with a roster, in which nothing runs yet; disposed, nothing runs any more. */
export interface Harness extends AsyncDisposable {
  /** In the environment of every process of an agent, and in no other's on this machine. */
  mark: string;
  /** argv that runs mosaic, and its environment. */
  self: readonly string[];
  env: Readonly<Record<string, string>>;
  /** Runs `mosaic ARGS…`; never throws for its exit code. */
  mosaic(...args: string[]): Promise<CommandResult>;
  /** `tmux -L SOCKET ARGS…`, without `-N`: it may start a server, as a stranger's tmux would. */
  tmux(...args: string[]): Promise<CommandResult>;
  /** What a supervisor of ours has said so far; empty where systemd is the supervisor. */
  log(): Promise<string>;
  /** SIGKILL to what supervises this agent. */
  killSupervisor(agent: string): Promise<void>;
  /** What a person does when a supervisor was killed; nothing where it comes back by itself. */
  recover(): Promise<void>;
}

/** Makes a harness with this roster: the `agents:` list, in YAML. Policies are short, so that nothing takes long. */
export type StartHarness = (agents: string) => Promise<Harness>;

/** A line of `fleet start|stop|restart --json`. */
interface Outcome {
  name: string;
  result: string;
  reason: string;
  hint: string;
}

interface AgentStatus {
  name: string;
  state: string;
  reason: string;
  pid: number | null;
  restarts: number;
}

/** A test of the contract, with everything that a busy machine of two cores may need. */
const limitMs = 60_000;
const patience = { timeoutMs: 30_000 };

/** Two agents that only live. */
const pair = "[{ name: one, args: [cat] }, { name: two, args: [cat] }]";

/** Declares the tests; `kind` names the supervisor in their titles. */
export function supervisorContract(kind: string, startHarness: StartHarness): void {
  const contract = (title: string, agents: string, body: (harness: Harness) => Promise<void>) =>
    test(
      title,
      async () => {
        await using harness = await startHarness(agents);
        await body(harness);
      },
      limitMs,
    );

  describe(`the supervisor contract, ${kind}`, () => {
    contract("start makes live panes; started again, the same ones run", pair, async (harness) => {
      expect(await act(harness, "start")).toEqual({ one: "started", two: "started" });
      const before = await statusOf(harness);
      expect(before["one"]).toMatchObject({ state: "running", restarts: 0 });
      expect((await harness.mosaic("fleet", "verify")).exitCode).toBe(0);

      expect(await act(harness, "start")).toEqual({
        one: "already-running",
        two: "already-running",
      });
      expect(await statusOf(harness)).toEqual(before);
    });

    contract(
      "stop leaves no process, not even one that ignores HUP and TERM and has left the session",
      `[{ name: one, args: [sh, -c, '${stubborn}'] }]`,
      async (harness) => {
        await act(harness, "start");
        const started = await eventually(() => processesOf(harness, "one"), {
          until: (pids) => pids.length >= 3,
          what: "wrapper, runtime and stubborn child",
        });
        expect(await act(harness, "stop")).toEqual({ one: "stopped" });
        expect(processesOf(harness, "one")).toEqual([]);
        expect(started.filter(isRunning)).toEqual([]);
        expect(await act(harness, "stop")).toEqual({ one: "already-stopped" });
      },
    );

    contract("an agent that nobody started is stopped already", pair, async (harness) => {
      expect(await act(harness, "start", "one")).toEqual({ one: "started" });
      expect(await act(harness, "stop", "two")).toEqual({ two: "already-stopped" });
      expect(await act(harness, "stop")).toEqual({ one: "stopped", two: "already-stopped" });
    });

    contract("a killed runtime comes back, the others are left alone", pair, async (harness) => {
      await act(harness, "start");
      const before = await statusOf(harness);
      signal(await runtimeOf(harness, "one"), "SIGKILL");
      const after = await eventually(() => statusOf(harness), {
        ...patience,
        until: ({ one }) => one?.state === "running" && one.restarts === 1,
        what: "one to be back",
      });
      expect(after["one"]?.pid).not.toBe(before["one"]?.pid);
      expect(after["two"]).toEqual(before["two"]);
    });

    contract(
      "an agent that crashes too often stays down, says why, and starts again when a person wants it",
      "[{ name: one, args: [sh, -c, 'sleep 0.1; exit 7'] }]",
      async (harness) => {
        await act(harness, "start");
        const one = await givenUp(harness);
        expect(one?.reason).toBe("gave up after 3 starts within 15m (exit 7)");
        expect((await harness.mosaic("fleet", "status")).exitCode).toBe(3);
        expect((await harness.mosaic("agent", "why", "one")).stdout).toContain("exit 7");
        expect((await act(harness, "start"))["one"]).toBe("started");
      },
    );

    contract(
      "exit 78 is for a person to mend, exit 0 is an end: neither is restarted",
      "[{ name: parked, args: [sh, -c, 'sleep 0.1; exit 78'] }, { name: done, args: [sh, -c, 'sleep 0.1'] }]",
      async (harness) => {
        await act(harness, "start");
        const status = await eventually(() => statusOf(harness), {
          ...patience,
          until: ({ parked, done }) => parked?.state === "parked" && done?.state === "stopped",
          what: "both to have ended",
        });
        expect(status["parked"]?.restarts).toBe(0);
        expect(status["done"]?.restarts).toBe(0);
      },
    );

    contract("a killed tmux server comes back with every agent", pair, async (harness) => {
      await act(harness, "start");
      const before = await statusOf(harness);
      const server = Number((await harness.tmux("display-message", "-p", "#{pid}")).stdout);
      signal(server, "SIGKILL");
      const after = await eventually(() => statusOf(harness), {
        ...patience,
        until: (status) => areUpAgain(before, status),
        what: "both agents to be back",
      });
      const sessions = (await harness.tmux("ls", "-F", "#{session_name}")).stdout;
      expect(sessions).toBe("_holder\none\ntwo\n");
      expect(Object.values(before).some(({ pid }) => isRunning(pid ?? 0))).toBe(false);
      expect(after["one"]?.pid).not.toBe(before["one"]?.pid);
    });

    contract("a killed supervisor costs no agent its life", pair, async (harness) => {
      await act(harness, "start");
      const before = await statusOf(harness);
      await harness.killSupervisor("one");
      await harness.recover();
      const after = await eventually(() => statusOf(harness), {
        ...patience,
        until: ({ one, two }) => isSupervised(one) && isSupervised(two),
        what: "both agents to be supervised again",
      });
      expect(after["one"]?.pid).toBe(before["one"]?.pid ?? 0);
      expect(after["two"]?.pid).toBe(before["two"]?.pid ?? 0);
      expect((await harness.mosaic("fleet", "verify")).exitCode).toBe(0);

      // The one that was taken over is supervised like any other.
      signal(await runtimeOf(harness, "one"), "SIGKILL");
      await eventually(() => statusOf(harness), {
        ...patience,
        until: ({ one }) => one?.state === "running" && one.pid !== before["one"]?.pid,
        what: "one to be restarted",
      });
    });

    contract("a restart of one agent leaves the others alone", pair, async (harness) => {
      await act(harness, "start");
      const before = await statusOf(harness);
      expect(await act(harness, "restart", "one")).toEqual({ one: "restarted" });
      const after = await statusOf(harness);
      expect(after["one"]).toMatchObject({ state: "running", restarts: 0 });
      expect(after["one"]?.pid).not.toBe(before["one"]?.pid);
      expect(after["two"]).toEqual(before["two"]);
    });

    contract("a server of somebody else on the socket is left alone", pair, async (harness) => {
      await harness.tmux("-f", "/dev/null", "new-session", "-d", "-s", "theirs", "cat");
      const format = "#{session_name} #{session_created} #{pane_pid}";
      const before = (await harness.tmux("list-panes", "-a", "-F", format)).stdout;
      const { exitCode, stderr } = await harness.mosaic("fleet", "start");
      expect({ exitCode, stderr }).toEqual({
        exitCode: 4,
        stderr: expect.stringContaining("not ours"),
      });
      await harness.mosaic("fleet", "stop");
      expect((await harness.tmux("list-panes", "-a", "-F", format)).stdout).toBe(before);
      await harness.tmux("kill-server");
    });

    contract(
      "a session of somebody else with an agent's name is left alone",
      pair,
      async (harness) => {
        await act(harness, "start", "two");
        await harness.tmux("new-session", "-d", "-s", "one", "cat");
        const format = ["display-message", "-p", "-t", "=one:", "#{session_created} #{pane_pid}"];
        const before = (await harness.tmux(...format)).stdout;
        const { exitCode, stdout } = await harness.mosaic("fleet", "start", "--json");
        const outcomes = outcomesOf(stdout);
        expect(exitCode).toBe(1);
        expect(outcomes["two"]).toMatchObject({ result: "already-running" });
        expect(outcomes["one"]).toMatchObject({
          result: "failed",
          reason: expect.stringContaining("not made by mosaic"),
        });
        expect((await harness.tmux(...format)).stdout).toBe(before);
        await harness.mosaic("fleet", "stop");
        expect((await harness.tmux(...format)).stdout).toBe(before);
        await harness.tmux("kill-session", "-t", "=one");
      },
    );

    contract(
      "a stop of a crashed agent leaves nothing of it, neither the session nor the count",
      "[{ name: one, args: [sh, -c, 'sleep 0.1; exit 7'] }]",
      async (harness) => {
        await act(harness, "start");
        await givenUp(harness);
        expect((await harness.tmux("has-session", "-t", "=one")).exitCode).toBe(0);

        expect(await act(harness, "stop", "one")).toEqual({ one: "already-stopped" });
        expect((await harness.tmux("has-session", "-t", "=one")).exitCode).toBe(1);
        const home = harness.mark.slice("HOME=".length);
        const left = readdirSync(`${home}/.local/state/mosaic/agents/one`);
        const ofTheRun = ["crashes", "exit", "instance", "starts"];
        expect(left.filter((name) => ofTheRun.includes(name))).toEqual([]);
        const after = await statusOf(harness);
        expect(after["one"]).toMatchObject({ state: "stopped", reason: "", restarts: 0 });
      },
    );

    contract(
      "a start of an agent that waits after a crash does not wait with it",
      "[{ name: one, args: [sh, -c, 'sleep 1; exit 7'], restart: { backoff: 1m, backoffMax: 1m } }]",
      async (harness) => {
        await act(harness, "start");
        await eventually(() => statusOf(harness), {
          ...patience,
          until: ({ one }) => one?.reason === "waits 60000 ms after a crash",
          what: "one to wait",
        });
        const beganMs = Date.now();
        expect(await act(harness, "start")).toEqual({ one: "started" });
        expect(Date.now() - beganMs).toBeLessThan(20_000);
        expect((await statusOf(harness))["one"]?.restarts).toBe(0);
      },
    );
  });
}

/** Left behind by its parent, in a session of its own, deaf to what ends ordinary processes. */
const stubborn =
  'sh -c "trap : HUP TERM; setsid sh -c \\"trap \\\\\\"\\\\\\" HUP TERM; sleep 1000\\" &"; exec cat';

/** `mosaic fleet VERB --json NAMES…`: what became of each agent. */
export async function act(
  harness: Harness,
  verb: string,
  ...names: string[]
): Promise<Record<string, string>> {
  const { stdout, stderr } = await harness.mosaic("fleet", verb, "--json", ...names);
  if (stdout === "") throw new Error(`fleet ${verb} said nothing: ${stderr}`);
  const results: [string, string][] = Object.values(outcomesOf(stdout)).map(
    ({ name, result, reason }) => [
      name,
      // A failure says why in the test's own diff.
      result === "failed" ? `failed: ${reason}` : result,
    ],
  );
  return Object.fromEntries(results);
}

function outcomesOf(json: string): Record<string, Outcome> {
  const { agents }: { agents: Outcome[] } = JSON.parse(json);
  return Object.fromEntries(agents.map((outcome) => [outcome.name, outcome]));
}

export async function statusOf(harness: Harness): Promise<Record<string, AgentStatus>> {
  const { stdout } = await harness.mosaic("fleet", "status", "--json");
  const { agents }: { agents: AgentStatus[] } = JSON.parse(stdout);
  return Object.fromEntries(
    agents.map(({ name, state, reason, pid, restarts }) => [
      name,
      { name, state, reason, pid, restarts },
    ]),
  );
}

/** Of an agent `one` that crashes again and again, once it stays down. */
async function givenUp(harness: Harness): Promise<AgentStatus | undefined> {
  const { one } = await eventually(() => statusOf(harness), {
    ...patience,
    until: (status) => status["one"]?.state === "crashed",
    what: "one to be given up",
  });
  return one;
}

function isSupervised(agent: AgentStatus | undefined): boolean {
  return agent?.state === "running" && agent.reason === "";
}

function areUpAgain(
  before: Record<string, AgentStatus>,
  now: Record<string, AgentStatus>,
): boolean {
  return Object.entries(before).every(
    ([name, { pid }]) => now[name]?.state === "running" && now[name]?.pid !== pid,
  );
}

/** The runtime: the one child of the pane's own process. */
export async function runtimeOf(harness: Harness, agent: string): Promise<number> {
  const { pid } = (await statusOf(harness))[agent] ?? {};
  return await eventually(
    async () => Number((await Bun.file(`/proc/${pid}/task/${pid}/children`).text()).split(" ")[0]),
    { what: `the runtime of ${agent}` },
  );
}

/** Everything that carries the agent's name in its environment, wherever in the process tree it went. */
export function processesOf(harness: Harness, agent: string): number[] {
  return allPids().filter((pid) => {
    if (!isRunning(pid)) return false;
    const environment = environmentOf(pid);
    return environment.includes(`MOSAIC_AGENT=${agent}`) && environment.includes(harness.mark);
  });
}
