// What stands in the user's unit folder, and whose it is, on a real private user manager.
import { expect, test } from "bun:test";
import { cats, systemdFleet } from "../support/systemd-fleet.ts";

const limitMs = 60_000;

test(
  "a unit edited by hand is kept, and replaced with --force after a backup",
  async () => {
    await using fleet = await systemdFleet(cats);
    await fleet.mosaic(["fleet", "install-systemd"]);
    await fleet.shell("echo '# mine' >> ~/.config/systemd/user/mosaic-agent@.service");
    expect((await fleet.mosaic(["fleet", "install-systemd"])).stdout).toContain(
      "kept (edited by hand)",
    );
    expect((await fleet.mosaic(["fleet", "start"])).exitCode).toBe(0);
    expect(
      (await fleet.shell("tail -n1 ~/.config/systemd/user/mosaic-agent@.service")).stdout,
    ).toBe("# mine\n");
    expect((await fleet.mosaic(["fleet", "install-systemd", "--force"])).stdout).toContain(
      "backup kept",
    );
    expect((await fleet.shell("ls ~/.config/systemd/user/ | grep -c 'bak-'")).stdout).toBe("1\n");
  },
  limitMs,
);

test(
  "an agent that left the roster does not start at boot, and nothing is left of it after uninstall",
  async () => {
    await using fleet = await systemdFleet(cats);
    await fleet.mosaic(["fleet", "install-systemd"]);
    const wants = async () =>
      (await fleet.shell("cd ~/.config/systemd/user && find . -name '*mosaic*' | sort")).stdout;
    expect(await wants()).toContain("default.target.wants/mosaic-agent@two.service");
    fleet.home.write(".config/mosaic/fleet/roster.yaml", cats.replace(/.*name: two.*\n/, ""));
    await fleet.mosaic(["fleet", "install-systemd"]);
    expect(await wants()).not.toContain("@two");
    await fleet.manager.systemctl("start", "default.target");
    expect((await fleet.tmux("ls", "-F", "#{session_name}")).stdout).not.toContain("two");
    expect((await fleet.mosaic(["fleet", "uninstall", "--yes", "--purge"])).exitCode).toBe(0);
    expect(await wants()).toBe("");
  },
  limitMs,
);

test(
  "another mosaic home of the same user cannot take over the units",
  async () => {
    await using fleet = await systemdFleet(cats);
    await fleet.mosaic(["fleet", "install-systemd"]);
    fleet.home.write("second/fleet/roster.yaml", cats);
    const env = { ...fleet.env, MOSAIC_HOME: `${fleet.manager.home}/second` };
    for (const args of [["install-systemd"], ["start"], ["stop"]]) {
      const { exitCode, stderr } = await fleet.mosaic(["fleet", ...args], { env });
      expect({ args, exitCode, stderr }).toMatchObject({
        exitCode: 4,
        stderr: expect.stringContaining("of another MOSAIC_HOME"),
      });
    }
  },
  limitMs,
);

test(
  "the units run the fleet of a MOSAIC_HOME elsewhere, with its state inside",
  async () => {
    await using fleet = await systemdFleet();
    fleet.home.write("own home/fleet/roster.yaml", cats);
    const env = { ...fleet.env, MOSAIC_HOME: `${fleet.manager.home}/own home` };
    for (const args of [["install-systemd"], ["start"], ["verify"], ["stop"]]) {
      const { exitCode, stdout, stderr } = await fleet.mosaic(["fleet", ...args], { env });
      expect({ args, exitCode, output: exitCode === 0 ? "" : stdout + stderr }).toMatchObject({
        exitCode: 0,
      });
    }
    expect((await fleet.shell("ls -d ~/.local/state/mosaic")).exitCode).not.toBe(0);
  },
  limitMs,
);

test(
  "a roster that was changed to the builtin supervisor stops the units too",
  async () => {
    await using fleet = await systemdFleet(cats);
    await fleet.mosaic(["fleet", "install-systemd"]);
    await fleet.mosaic(["fleet", "start"]);
    const builtin = cats.replace("supervisor: systemd", "supervisor: builtin");
    fleet.home.write(".config/mosaic/fleet/roster.yaml", builtin);
    expect((await fleet.mosaic(["fleet", "start"])).exitCode).toBe(4);
    expect((await fleet.mosaic(["fleet", "stop"])).exitCode).toBe(0);
    const holder = await fleet.manager.systemctl("is-active", "mosaic-tmux-holder");
    expect(holder.stdout.trim()).toBe("inactive");
    expect((await fleet.mosaic(["fleet", "start"])).exitCode).toBe(0);
    expect((await fleet.mosaic(["fleet", "stop"])).exitCode).toBe(0);
  },
  limitMs,
);
