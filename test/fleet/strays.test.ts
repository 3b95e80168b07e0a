// A roster that was changed under a running fleet, on real tmux and the builtin supervisor.
import { expect, test } from "bun:test";
import { builtinFleet, testSocket } from "../support/builtin-fleet.ts";

const limitMs = 60_000;
const roster = "home/.config/mosaic/fleet/roster.yaml";

test(
  "a fleet on a socket that the roster no longer names is refused company, and is what stop stops",
  async () => {
    await using fleet = builtinFleet({ agents: "[{ name: one, args: [cat] }]" });
    await fleet.mosaic("fleet", "start");
    fleet.dir.write(
      roster,
      fleet.dir.read(roster).replace(`socket: ${testSocket}`, "socket: other"),
    );
    const started = await fleet.mosaic("fleet", "start");
    expect(started.exitCode).toBe(4);
    expect(started.stderr).toBe(
      `mosaic: the fleet still runs on socket ${testSocket}, the roster says other\n  hint: mosaic fleet stop\n`,
    );
    expect((await fleet.mosaic("fleet", "stop")).exitCode).toBe(0);
    expect((await fleet.tmux("ls")).exitCode).toBe(1);
    expect((await fleet.mosaic("fleet", "start")).exitCode).toBe(0);
    expect((await fleet.mosaic("fleet", "stop")).exitCode).toBe(0);
  },
  limitMs,
);

test(
  "an agent that left the roster can be stopped by its name",
  async () => {
    await using fleet = builtinFleet({
      agents: "[{ name: one, args: [cat] }, { name: two, args: [cat] }]",
    });
    await fleet.mosaic("fleet", "start");
    fleet.dir.write(roster, fleet.dir.read(roster).replace(", { name: two, args: [cat] }", ""));
    const stopped = await fleet.mosaic("fleet", "stop", "two");
    expect({ exitCode: stopped.exitCode, stdout: stopped.stdout }).toEqual({
      exitCode: 0,
      stdout: expect.stringMatching(/^two {2}stopped/),
    });
    expect((await fleet.tmux("ls", "-F", "#{session_name}")).stdout).toBe("_holder\none\n");
    expect((await fleet.mosaic("fleet", "stop", "three")).exitCode).toBe(2);
  },
  limitMs,
);

test(
  "with a person's session on the server stop ends all but that server, and nobody keeps it alive",
  async () => {
    await using fleet = builtinFleet({ agents: "[{ name: one, args: [cat] }]" });
    await fleet.mosaic("fleet", "start");
    await fleet.tmux("new-session", "-d", "-s", "mine", "cat");
    const stopped = await fleet.mosaic("fleet", "stop");
    expect(stopped.stderr).toContain(
      "kept the tmux server: it holds sessions that are not ours: mine",
    );
    expect(await fleet.contact()).toBeUndefined();
    expect((await fleet.tmux("ls", "-F", "#{session_name}")).stdout).toBe("_holder\nmine\n");
    await fleet.tmux("kill-server");
  },
  limitMs,
);
