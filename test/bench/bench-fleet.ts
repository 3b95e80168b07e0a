// A fleet of `cat`s in a home of its own, for the benchmarks; gone when disposed, whatever happened.
import { randomBytes } from "node:crypto";
import { dirname } from "node:path";
import { type CommandResult, outputOf, runCommand } from "../support/run-command.ts";
import { mosaicBinary } from "../support/mosaic-binary.ts";
import { privateEnvironment, type PrivateEnvironment } from "../support/private-environment.ts";
import { removeLeftovers } from "../support/leftovers.ts";
import { tempHome } from "../support/temp-home.ts";
import { startUserManager } from "../support/user-manager.ts";

/** tmux socket of the fleet, in the private TMUX_TMPDIR. */
export const benchSocket = "mosaic-bench";

/** Starting a hundred agents under systemd takes a while on two cores. */
const startTimeoutMs = 300_000;

export type BenchSupervisor = "builtin" | "systemd";

export interface BenchFleet extends AsyncDisposable {
  env: PrivateEnvironment;
  agents: string[];
  binary: string;
  /** `mosaic ARGS…`, which has to succeed. */
  mosaic: (...args: string[]) => Promise<string>;
  /** `tmux -L socket ARGS…` on the fleet's server. */
  tmux: (...args: string[]) => Promise<CommandResult>;
}

/** Writes the roster, and the units under systemd; starts nothing. */
export async function benchFleet(count: number, supervisor: BenchSupervisor): Promise<BenchFleet> {
  await using made = new AsyncDisposableStack();
  const home = made.use(tempHome());
  const run = { id: `bench-${randomBytes(4).toString("hex")}`, tmpDir: home.path };
  const binary = await mosaicBinary();
  const extra = { PATH: `${dirname(binary)}:${process.env.PATH}`, MOSAIC_TEST_RUN: run.id };
  const env =
    supervisor === "systemd"
      ? made.use(await startUserManager({ env: extra })).env
      : privateEnvironment(home.path, extra);
  if (supervisor === "builtin") made.defer(() => removeLeftovers(run));
  const agents = Array.from({ length: count }, (_, index) => `bench-${index}`);
  await Bun.write(`${env.HOME}/.config/mosaic/fleet/roster.yaml`, rosterOf(agents, supervisor));
  const options = { env, cwd: env.HOME, timeoutMs: startTimeoutMs };
  const mosaic = (...args: string[]) => outputOf([binary, ...args], options);
  if (supervisor === "systemd") await mosaic("fleet", "install-systemd");
  made.defer(async () => void (await runCommand([binary, "fleet", "stop"], options)));
  const owned = made.move();
  return {
    env,
    agents,
    binary,
    mosaic,
    tmux: (...args) => runCommand(["tmux", "-L", benchSocket, ...args], { env }),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

function rosterOf(agents: readonly string[], supervisor: BenchSupervisor): string {
  const entries = agents.map((name) => `  - { name: ${name}, runtime: command, args: [cat] }`);
  return [
    "version: 1",
    `socket: ${benchSocket}`,
    `supervisor: ${supervisor}`,
    "agents:",
    ...entries,
    "",
  ].join("\n");
}
