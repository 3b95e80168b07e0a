// The systemd supervisor against the contract, on a real private user manager and with the built binary.
import { runCommand } from "../../support/run-command.ts";
import { signal } from "../../support/processes.ts";
import { systemdFleet } from "../../support/systemd-fleet.ts";
import { type StartHarness, supervisorContract } from "../contract.ts";
import { lockContract } from "../lock-contract.ts";

const startHarness: StartHarness = async (agents) => {
  const restart = "{ policy: on-failure, burst: 3, window: 15m, backoff: 50ms, backoffMax: 200ms }";
  const fleet = await systemdFleet(
    [
      "version: 1",
      "socket: mosaic-factory",
      "supervisor: systemd",
      `defaults: { runtime: command, workdir: /, restart: ${restart} }`,
      `agents: ${agents}`,
      "",
    ].join("\n"),
  );
  await fleet.mosaic(["fleet", "install-systemd"]);
  return {
    mark: `HOME=${fleet.manager.home}`,
    self: [fleet.binary],
    env: fleet.env,
    mosaic: (...args) => fleet.mosaic(args),
    tmux: (...args) =>
      runCommand(["tmux", "-u", "-L", "mosaic-factory", ...args], { env: fleet.env }),
    log: async () => "",
    async killSupervisor(agent) {
      const shown = await fleet.manager.systemctl("show", "-P", "MainPID", `mosaic-agent@${agent}`);
      signal(Number(shown.stdout), "SIGKILL");
    },
    // systemd starts the unit's script again by itself.
    async recover() {},
    [Symbol.asyncDispose]: () => fleet[Symbol.asyncDispose](),
  };
};

supervisorContract("systemd", startHarness);
lockContract("systemd", startHarness);
