// What every supervisor must do about restart locks, on a real tmux server and by the command line alone.
// Over 200 lines because it is one list, and who reads it wants all of it.
import { describe, expect, test } from "bun:test";
import { readdirSync } from "node:fs";
import { eventually } from "../support/eventually.ts";
import { signal } from "../support/processes.ts";
import { act, type Harness, runtimeOf, type StartHarness, statusOf } from "./contract.ts";

const limitMs = 60_000;
const patience = { timeoutMs: 30_000 };

const one = "[{ name: one, args: [cat] }]";

/** Declares the tests; `kind` names the supervisor in their titles. */
export function lockContract(kind: string, startHarness: StartHarness): void {
  const contract = (
    title: string,
    body: (harness: Harness) => Promise<void>,
    agents: string = one,
  ) =>
    test(
      title,
      async () => {
        await using harness = await startHarness(agents);
        await body(harness);
        await eventually(() => locksOf(harness), {
          until: (names) => names.length === 0,
          what: "no lock to be left",
        });
      },
      limitMs,
    );

  describe(`restart locks, ${kind}`, () => {
    contract(
      "of two restarts at once one restarts, and the other finds it done",
      async (harness) => {
        await act(harness, "start");
        const before = await statusOf(harness);
        const results = await bothWhileHeld(harness, "restart");
        expect(results.toSorted()).toEqual(["already-restarted", "restarted"]);
        const after = await statusOf(harness);
        expect(after["one"]).toMatchObject({ state: "running", restarts: 0 });
        expect(after["one"]?.pid).not.toBe(before["one"]?.pid);
      },
    );

    contract(
      "of two starts at once one starts, and the other finds it running",
      async (harness) => {
        await act(harness, "start");
        await act(harness, "stop", "one");
        const results = await bothWhileHeld(harness, "start");
        expect(results).toContain("started");
        // The builtin supervisor may let the second one join the first.
        expect(["started", "already-running"]).toContain(results.toSorted()[0] ?? "");
        expect((await statusOf(harness))["one"]).toMatchObject({ state: "running", restarts: 0 });
      },
    );

    contract(
      "an agent that crashes under a held lock stays down until it is free",
      async (harness) => {
        await act(harness, "start");
        const holder = await hold(harness);
        signal(await runtimeOf(harness, "one"), "SIGKILL");
        await eventually(() => statusOf(harness), {
          ...patience,
          until: (status) => status["one"]?.reason.includes("waits for its restart lock") === true,
          what: "one to wait for its lock",
        });
        holder.letGo();
        await eventually(() => statusOf(harness), {
          ...patience,
          until: (status) => status["one"]?.state === "running" && status["one"].restarts === 1,
          what: "one to be back",
        });
      },
    );

    contract(
      "a start by who holds the lock overtakes the automatic one that waits",
      async (harness) => {
        await act(harness, "start");
        const holder = await hold(harness, ...shellThatStarts(harness));
        signal(await runtimeOf(harness, "one"), "SIGKILL");
        await eventually(() => statusOf(harness), {
          ...patience,
          until: (status) => status["one"]?.reason.includes("waits for its restart lock") === true,
          what: "one to wait for its lock",
        });
        holder.letGo();
        await eventually(() => statusOf(harness), {
          ...patience,
          until: (status) => status["one"]?.state === "running",
          what: "one to be up",
        });
        expect(await holder.exited).toBe(0);
      },
    );

    contract("a stop is not kept by a lock, and cancels a restart that waits", async (harness) => {
      await act(harness, "start");
      const holder = await hold(harness);
      const restart = talk(harness, "restart");
      await eventually(async () => waitsIn(restart.stderr() + (await harness.log())) > 0, patience);
      expect(await act(harness, "stop", "one")).toEqual({ one: "stopped" });
      holder.letGo();
      expect(await restart.result).toBe("failed: stopped while it waited for its lock");
      expect((await statusOf(harness))["one"]).toMatchObject({ state: "stopped" });
    });

    contract("a restart by a command that holds the lock is done under it", async (harness) => {
      await act(harness, "start");
      const before = await statusOf(harness);
      const command = [...harness.self, "fleet", "restart", "one", "--json"];
      const done = await harness.mosaic("lock", "run", "one", "--", ...command);
      expect(done).toMatchObject({ exitCode: 0 });
      expect(done.stdout).toContain('"result": "restarted"');
      expect((await statusOf(harness))["one"]?.pid).not.toBe(before["one"]?.pid);
    });

    contract(
      "an automatic restart that loses its lock is tried again",
      async (harness) => {
        const untilItWaits = () =>
          eventually(() => statusOf(harness), {
            ...patience,
            until: (status) => status["one"]?.reason === "waits 60000 ms after a crash",
            what: "one to wait after its crash",
          });
        await act(harness, "start");
        await untilItWaits();
        const taken = await harness.mosaic("lock", "run", "one", "--max-wait", "0", "--", "true");
        expect(taken.exitCode).toBe(0);
        await untilItWaits();
        await act(harness, "stop");
      },
      "[{ name: one, args: [sh, -c, 'sleep 0.5; exit 7'], restart: { backoff: 1m, backoffMax: 1m } }]",
    );

    contract("a restart whose command is killed holds nobody up", async (harness) => {
      await act(harness, "start");
      const restart = Bun.spawn([...harness.self, "fleet", "restart", "one"], {
        env: harness.env,
        stdio: ["ignore", "ignore", "ignore"],
      });
      await eventually(() => locksOf(harness).includes("one.lock"), { what: "the lock" });
      restart.kill("SIGKILL");
      await restart.exited;
      expect(["restarted", "already-restarted"]).toContain(
        (await act(harness, "restart", "one"))["one"] ?? "",
      );
      expect((await statusOf(harness))["one"]).toMatchObject({ state: "running" });
    });
  });
}

/** What becomes of two such commands that both wait for the lock, and are let in. */
async function bothWhileHeld(harness: Harness, verb: "start" | "restart"): Promise<string[]> {
  const before = waitsIn(await harness.log());
  const holder = await hold(harness);
  const commands = [talk(harness, verb), talk(harness, verb)];
  const waits = async (): Promise<number> =>
    commands.reduce((sum, { stderr }) => sum + waitsIn(stderr()), waitsIn(await harness.log()));
  await eventually(waits, {
    ...patience,
    // The builtin supervisor lets a second start join the first, which alone waits.
    until: (count) => count - before >= (verb === "start" ? 1 : commands.length),
    what: "them to wait for the lock",
  });
  holder.letGo();
  return await Promise.all(commands.map(({ result }) => result));
}

function waitsIn(text: string): number {
  return text.split("waiting for its restart lock").length - 1;
}

/** `mosaic fleet VERB one --json`, listened to as it goes. */
function talk({ self, env }: Harness, verb: string) {
  const child = Bun.spawn([...self, "fleet", verb, "one", "--json"], {
    env,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stderr = "";
  const listen = async (): Promise<void> => {
    const decoder = new TextDecoder();
    for await (const chunk of child.stderr) stderr += decoder.decode(chunk);
  };
  const result = Promise.all([child.stdout.text(), listen()]).then(([stdout]) => {
    const { agents }: { agents: { result: string; reason: string }[] } = JSON.parse(stdout);
    const [agent] = agents;
    return agent?.result === "failed" ? `failed: ${agent.reason}` : (agent?.result ?? "");
  });
  return { stderr: () => stderr, result };
}

/** `mosaic lock run one`, with a command that lives until it is let go. */
async function hold(
  harness: Harness,
  ...command: string[]
): Promise<{ letGo: () => void; exited: Promise<number> }> {
  const argv = command.length === 0 ? ["cat"] : command;
  const holder = Bun.spawn([...harness.self, "lock", "run", "one", "--", ...argv], {
    env: harness.env,
    stdio: ["pipe", "ignore", "ignore"],
  });
  await eventually(() => locksOf(harness).includes("one.lock"), { what: "the lock to be held" });
  return { letGo: () => void holder.stdin.end(), exited: holder.exited };
}

/** A command that starts the agent under its own lock, once it is let go. */
function shellThatStarts({ self }: Harness): string[] {
  return ["sh", "-c", 'read -r _; exec "$@"', "sh", ...self, "fleet", "start", "one"];
}

function locksOf({ mark }: Harness): string[] {
  try {
    return readdirSync(`${mark.slice("HOME=".length)}/.local/state/mosaic/locks`);
  } catch {
    return []; // No lock was ever taken here.
  }
}
