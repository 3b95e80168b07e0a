// The wizard where a systemd user manager answers: units, linger, a fleet that is started and verified, all headless.
import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { systemdFleet } from "../support/systemd-fleet.ts";

test("units are written and enabled, linger is asked for, the fleet is verified, and a second run keeps all", async () => {
  await using fleet = await systemdFleet();
  const { home } = fleet.manager;
  // Of the host nothing is changed: whoever is asked for linger writes it down.
  fleet.home.write("bin/loginctl", `#!/bin/sh\necho "$@" >> '${home}/linger'\n`, 0o755);
  // There is one to be asked: our loginctl.
  const env = { ...fleet.env, DBUS_SYSTEM_BUS_ADDRESS: "unix:path=/dev/null" };
  const run = () => fleet.mosaic(["wizard", "--profile", "demo", "--start"], { env });
  const first = await run();
  expect([first.exitCode, first.stderr]).toEqual([0, expect.stringContaining("next:\n")]);
  expect(first.stdout).toMatch(/ok +canary-1: session =canary-1, .*unit running/);
  const enabled = await fleet.manager.systemctl("is-enabled", "mosaic-agent@canary-1.service");
  expect(enabled.stdout).toBe("enabled\n");
  const isLingering = !first.stderr.includes("without a login");
  if (!isLingering) expect(readFileSync(`${home}/linger`, "utf8")).toMatch(/^enable-linger \S+\n$/);
  const pid = await fleet.runtimePid("canary-1");
  const second = await run();
  expect(second.exitCode).toBe(0);
  expect(second.stderr).toMatch(/^roster +there already, and kept/m);
  expect(second.stderr).toMatch(/^systemd +(as it should be|let them run without a login)$/m);
  expect(await fleet.runtimePid("canary-1")).toBe(pid);
}, 90_000);
