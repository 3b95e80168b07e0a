// `mosaic fleet uninstall` of a fleet under systemd whose roster is broken, on a real private user manager.
import { expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { systemdFleet } from "../../support/systemd-fleet.ts";

const roster = `version: 1
socket: mosaic-factory
supervisor: systemd
defaults: { runtime: command, workdir: /, restart: { backoff: 100ms } }
agents: [{ name: one, args: [cat] }, { name: two, args: [cat] }]
`;

test("with a broken roster the units are stopped before their files go", async () => {
  await using fleet = await systemdFleet(roster);
  await fleet.mosaic(["fleet", "install-systemd"]);
  expect((await fleet.mosaic(["fleet", "start"])).exitCode).toBe(0);
  const before = fleet.manager.processes().length;
  fleet.home.write(".config/mosaic/fleet/roster.yaml", "version: 1\nagents: [{ nam: one }]\n");
  const { exitCode, stderr } = await fleet.mosaic(["fleet", "uninstall", "--yes"]);
  expect(stderr).toContain("could not stop the fleet by its roster");
  expect(exitCode).toBe(0);
  expect((await fleet.tmux("ls")).exitCode).toBe(1);
  const units = ["list-units", "--all", "--plain", "--no-legend", "mosaic-*"];
  const left = (await fleet.manager.systemctl(...units)).stdout;
  expect(left).not.toMatch(/mosaic-(agent@|tmux-holder).* active /);
  // The manager's own, and nothing of the fleet: three agents' processes each, server and holder.
  expect(fleet.manager.processes().length).toBeLessThan(before - 6);
  const unit = `${fleet.manager.home}/.config/systemd/user/mosaic-agent@.service`;
  expect(existsSync(unit)).toBe(false);
}, 60_000);
