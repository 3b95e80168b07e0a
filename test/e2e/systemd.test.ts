// The document's sequence and the promises about units, on a real private user manager.
import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { eventually } from "../support/eventually.ts";
import { cats, systemdFleet } from "../support/systemd-fleet.ts";

const limitMs = 60_000;

test(
  "the document's install, operations, verification and rollback, as written there",
  async () => {
    await using fleet = await systemdFleet();
    const ok = async (line: string) => {
      const done = await fleet.shell(line);
      expect({
        line,
        exitCode: done.exitCode,
        stderr: done.exitCode === 0 ? "" : done.stderr,
      }).toEqual({
        line,
        exitCode: 0,
        stderr: "",
      });
      return done.stdout;
    };
    await ok("mosaic fleet init --profile demo --write");
    await ok("mosaic fleet install-systemd");
    await ok("systemctl --user daemon-reload");
    await ok("mosaic fleet start");
    await ok("mosaic fleet verify");
    await ok("mosaic fleet status");
    await ok("mosaic agent roster");
    await ok("mosaic agent status");
    await ok("mosaic agent status canary-1");
    await ok('mosaic agent send canary-1 --message "status check"');
    const answer = await eventually(
      async () => (await fleet.shell("mosaic agent tail canary-1 -n 80")).stdout,
      {
        until: (screen) => screen.includes("canary: 12 bytes"),
        what: "the canary's answer",
      },
    );
    expect(answer).toContain("· status check");
    await ok("mosaic agent reset canary-1 --new");
    const sessions = await ok("tmux -L mosaic-factory ls -F '#{session_name}'");
    expect(sessions).toBe("_holder\ncanary-1\ncanary-2\n");
    await ok("mosaic fleet verify");
    expect(await ok("systemctl --user is-active mosaic-tmux-holder.service")).toBe("active\n");
    await ok("mosaic fleet stop");
    await ok("systemctl --user disable mosaic-agent@canary-1.service");
    await ok("systemctl --user disable mosaic-tmux-holder.service");
    await ok("systemctl --user daemon-reload");
    await ok(
      "rm -f ~/.config/systemd/user/mosaic-agent@.service ~/.config/systemd/user/mosaic-tmux-holder.service",
    );
    await ok("rm -rf ~/.config/mosaic/fleet ~/.config/mosaic/tools/fleet");
    expect((await fleet.tmux("ls")).exitCode).not.toBe(0);
  },
  limitMs,
);

test(
  "a unit is active exactly while its pane lives",
  async () => {
    await using fleet = await systemdFleet(cats.replace("backoff: 100ms", "policy: never"));
    expect((await fleet.mosaic(["fleet", "install-systemd"])).exitCode).toBe(0);
    const active = async () =>
      (await fleet.manager.systemctl("is-active", "mosaic-agent@one")).stdout.trim();
    expect(await active()).toBe("inactive");
    expect((await fleet.mosaic(["fleet", "start"])).exitCode).toBe(0);
    expect(await active()).toBe("active");
    process.kill(await fleet.runtimePid("one"), "SIGKILL");
    await eventually(active, {
      until: (state) => state === "failed",
      what: "the unit of a killed agent",
    });
    expect((await fleet.manager.systemctl("is-active", "mosaic-agent@two")).stdout.trim()).toBe(
      "active",
    );
    const status = await fleet.mosaic(["agent", "status", "one", "--json"]);
    expect(JSON.parse(status.stdout).agents[0]).toMatchObject({ state: "crashed", pid: null });
    expect(status.exitCode).toBe(3);
    expect((await fleet.mosaic(["fleet", "start", "one"])).exitCode).toBe(0);
    expect(await active()).toBe("active");
    await fleet.tmux("kill-session", "-t", "=one");
    await eventually(active, {
      until: (state) => state !== "active",
      what: "the unit of an ended session",
    });
  },
  limitMs,
);

test(
  "the roster's limits hold in a control group of the agent's own",
  async () => {
    await using fleet = await systemdFleet(cats);
    await fleet.mosaic(["fleet", "install-systemd"]);
    expect((await fleet.mosaic(["fleet", "start"])).exitCode).toBe(0);
    const groups = await Promise.all(
      ["one", "two"].map(async (name) =>
        readFileSync(`/proc/${await fleet.runtimePid(name)}/cgroup`, "utf8"),
      ),
    );
    const scopes = groups.map(
      (text) => /mosaic-(?:one|two)-[0-9a-f]+\.scope/.exec(text)?.[0] ?? "",
    );
    expect(new Set(scopes).size).toBe(2);
    const shown = await fleet.manager.systemctl(
      "show",
      "-p",
      "MemoryMax,TasksMax",
      scopes[0] ?? "",
    );
    expect(shown.stdout.trim().split("\n").toSorted()).toEqual([
      "MemoryMax=268435456",
      "TasksMax=40",
    ]);
  },
  limitMs,
);

test(
  "a secret of the shell that runs fleet start is in no agent, no unit and no tmux server",
  async () => {
    await using fleet = await systemdFleet(cats);
    const env = {
      ...fleet.env,
      PLANTED_SECRET: "planted-5ecret",
      ANTHROPIC_API_KEY: "planted-5ecret",
    };
    await fleet.mosaic(["fleet", "install-systemd"], { env });
    expect((await fleet.mosaic(["fleet", "start"], { env })).exitCode).toBe(0);
    const seen = fleet.manager.processes().map((pid) => {
      try {
        return readFileSync(`/proc/${pid}/environ`, "utf8");
      } catch {
        // It ended while we looked.
        return "";
      }
    });
    expect(seen.filter((text) => text.includes("MOSAIC_AGENT=one")).length).toBeGreaterThan(0);
    expect(seen.filter((text) => text.includes("planted-5ecret"))).toEqual([]);
    const written = await fleet.shell("grep -rl planted-5ecret ~/.config ~/.local; true");
    expect(written.stdout).toBe("");
    const shown = await fleet.manager.systemctl("show", "mosaic-agent@one", "mosaic-tmux-holder");
    expect(shown.stdout).not.toContain("planted-5ecret");
  },
  limitMs,
);

test(
  "systemctl stop and start by hand work like mosaic's own",
  async () => {
    await using fleet = await systemdFleet(cats);
    await fleet.mosaic(["fleet", "install-systemd"]);
    expect((await fleet.manager.systemctl("start", "mosaic-agent@one")).exitCode).toBe(0);
    expect((await fleet.mosaic(["agent", "status", "one"])).exitCode).toBe(0);
    expect((await fleet.manager.systemctl("stop", "mosaic-tmux-holder")).exitCode).toBe(0);
    expect((await fleet.mosaic(["agent", "status", "one"])).exitCode).toBe(3);
    expect((await fleet.tmux("ls")).exitCode).not.toBe(0);
  },
  limitMs,
);
