// The builtin supervisor against the contract.
import { builtinFleet } from "../../support/builtin-fleet.ts";
import { eventually } from "../../support/eventually.ts";
import { isRunning, signal } from "../../support/processes.ts";
import { type StartHarness, supervisorContract } from "../contract.ts";
import { lockContract } from "../lock-contract.ts";

const startHarness: StartHarness = async (agents) => {
  const fleet = builtinFleet({ agents });
  return {
    mark: `HOME=${fleet.env["HOME"]}`,
    self: fleet.self,
    env: fleet.env,
    mosaic: fleet.mosaic,
    tmux: fleet.tmux,
    log: fleet.log,
    async killSupervisor() {
      const { pid = 0 } = (await fleet.contact()) ?? {};
      signal(pid, "SIGKILL");
      await eventually(() => !isRunning(pid), { what: "the supervisor to be dead" });
    },
    async recover() {
      await fleet.mosaic("fleet", "start");
    },
    [Symbol.asyncDispose]: () => fleet[Symbol.asyncDispose](),
  };
};

supervisorContract("builtin", startHarness);
lockContract("builtin", startHarness);
