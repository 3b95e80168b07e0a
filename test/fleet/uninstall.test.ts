// `mosaic fleet uninstall` ends what lives before it takes away the files with which one could end it; on real tmux.
import { expect, test } from "bun:test";
import { existsSync, readdirSync } from "node:fs";
import { exitCodes } from "../../src/errors.ts";
import { builtinFleet, testSocket } from "../support/builtin-fleet.ts";
import { eventually } from "../support/eventually.ts";
import { mosaicBinary } from "../support/mosaic-binary.ts";
import { argvOf, isRunning, signal } from "../support/processes.ts";

const limitMs = 60_000;
const patience = { timeoutMs: 30_000 };

const agents = "[{ name: one, args: [cat] }, { name: two, args: [cat] }]";

/** A fleet that runs, whose roster somebody has just broken. */
async function brokenFleet() {
  const fleet = builtinFleet({ agents });
  expect((await fleet.mosaic("fleet", "start")).exitCode).toBe(0);
  fleet.dir.write("home/.config/mosaic/fleet/roster.yaml", "version: 1\nagents: [{ nam: one }]\n");
  const tools = fleet.dir.at("home/.config/mosaic/tools");
  return { fleet, hasTools: () => existsSync(tools) };
}

const allGone = (pids: number[]) => pids.length === 0;

test(
  "with a broken roster it stops the supervisor and its agents by what is there",
  async () => {
    const { fleet, hasTools } = await brokenFleet();
    await using _ = fleet;
    const { exitCode, stderr } = await fleet.mosaic("fleet", "uninstall", "--yes");
    expect(stderr).toContain("could not stop the fleet by its roster");
    expect({ exitCode, hasTools: hasTools() }).toEqual({ exitCode: 0, hasTools: false });
    await eventually(fleet.processes, { ...patience, until: allGone, what: "the fleet's end" });
  },
  limitMs,
);

test(
  "also after the supervisor was killed, by the sessions with our mark",
  async () => {
    const { fleet, hasTools } = await brokenFleet();
    await using _ = fleet;
    const { pid = 0 } = (await fleet.contact()) ?? {};
    signal(pid, "SIGKILL");
    await eventually(() => !isRunning(pid), patience);
    const { exitCode } = await fleet.mosaic("fleet", "uninstall", "--yes", "--purge");
    expect({ exitCode, hasTools: hasTools() }).toEqual({ exitCode: 0, hasTools: false });
    await eventually(fleet.processes, { ...patience, until: allGone, what: "the fleet's end" });
    const left = readdirSync(fleet.dir.at("home/.local/state/mosaic"));
    expect(left.filter((name) => name.startsWith("fleet-"))).toEqual([]);
  },
  limitMs,
);

test(
  "while a person sits on our server it removes nothing, and says what lives",
  async () => {
    const { fleet, hasTools } = await brokenFleet();
    await using _ = fleet;
    await fleet.tmux("new-session", "-d", "-s", "theirs", "cat");
    const { exitCode, stderr } = await fleet.mosaic("fleet", "uninstall", "--yes");
    expect({ exitCode, hasTools: hasTools() }).toEqual({ exitCode: 1, hasTools: true });
    expect(stderr).toContain("it holds sessions that are not ours: theirs");
    expect(stderr).toContain(
      `nothing was removed, because the fleet still lives: the tmux server on socket ${testSocket}`,
    );
    expect((await fleet.tmux("ls", "-F", "#{session_name}")).stdout).toBe("_holder\ntheirs\n");

    await fleet.tmux("kill-session", "-t", "=theirs");
    expect((await fleet.mosaic("fleet", "uninstall", "--yes")).exitCode).toBe(0);
    expect(hasTools()).toBe(false);
    await eventually(fleet.processes, { ...patience, until: allGone, what: "the fleet's end" });
  },
  limitMs,
);

test(
  "an agent that cannot be stopped keeps the files with which one could",
  async () => {
    const { fleet, hasTools } = await brokenFleet();
    await using _ = fleet;
    const { pid = 0 } = (await fleet.contact()) ?? {};
    // It holds its lock and answers nobody.
    signal(pid, "SIGSTOP");
    fleet.dir.write(`home/.local/state/mosaic/fleet-${testSocket}.json`, "{}");
    const script = "home/.config/mosaic/tools/fleet/start-agent-session.sh";
    fleet.dir.write(script, "echo 'mosaic: one: no' >&2; exit 1\n");
    const { exitCode, stderr } = await fleet.mosaic("fleet", "uninstall", "--yes");
    expect({ exitCode, hasTools: hasTools() }).toEqual({ exitCode: 1, hasTools: true });
    expect(stderr).toContain("not stopped: one: no");
    expect(stderr).toContain(`the supervisor of socket ${testSocket}`);
    signal(pid, "SIGKILL");
  },
  limitMs,
);

test(
  "with --purge no message is left, nor anybody who would deliver one",
  async () => {
    const slow = '[{ name: slow, runtime: canary, args: [--work-ms, "60000"] }]';
    // Built: from source no agent can report.
    await using fleet = builtinFleet({ agents: slow, self: [await mosaicBinary()] });
    expect((await fleet.mosaic("fleet", "start")).exitCode).toBe(0);
    const send = (text: string) => fleet.mosaic("agent", "send", "slow", "--message", text);
    expect((await send("first")).exitCode).toBe(0);
    expect((await send("second")).exitCode).toBe(exitCodes.queued);
    const deliverers = () => fleet.processes().filter((pid) => argvOf(pid).includes("deliver"));
    await eventually(() => deliverers().length === 1, patience);
    expect((await fleet.mosaic("fleet", "uninstall", "--yes", "--purge")).exitCode).toBe(0);
    expect(deliverers()).toEqual([]);
    const left = readdirSync(fleet.dir.at("home/.local/state/mosaic"));
    expect(left.filter((name) => name.startsWith("state.db"))).toEqual([]);
  },
  limitMs,
);
