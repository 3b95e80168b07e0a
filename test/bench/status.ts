// `mosaic agent status --json` at 1, 10, 50 and 100 agents, beside one raw `tmux list-panes -a` and beside one
// `capture-pane` exec per agent, which is what a naive status does; and the number of programs that one status starts.
// Run: npm run build && bun run test/bench/status.ts [systemd]
import { outputOf } from "../support/run-command.ts";
import { type BenchFleet, benchFleet, type BenchSupervisor, benchSocket } from "./bench-fleet.ts";
import { medianOf, printGoal, printTimings, race } from "./measure.ts";

const supervisor: BenchSupervisor = process.argv[2] === "systemd" ? "systemd" : "builtin";

for (const count of [1, 10, 50, 100]) {
  await using fleet = await benchFleet(count, supervisor);
  await fleet.mosaic("fleet", "start");
  await measure(fleet);
}

async function measure(fleet: BenchFleet): Promise<void> {
  const { env, agents, binary } = fleet;
  const tmux = ["tmux", "-L", benchSocket];
  const status = [binary, "agent", "status", "--json"];
  const timings = await race(
    [
      { name: "one list-panes", run: () => outputOf([...tmux, "list-panes", "-a"], { env }) },
      { name: "agent status --json", run: () => outputOf(status, { env }) },
      { name: "a capture each", run: () => captureEach(fleet) },
    ],
    { rounds: 20, warmUps: 3 },
  );
  printTimings(`status of ${agents.length} agents on ${supervisor}`, timings, "one list-panes");
  const execs = await countExecs(status, env);
  process.stdout.write(`  programs started by one status: ${execs}\n`);
  if (agents.length === 100) {
    printGoal("status of 100 agents within 40 ms", medianOf(timings, "agent status --json") <= 40);
    printGoal("at most 2 programs", execs <= 2);
  }
}

async function captureEach({ agents, tmux }: BenchFleet): Promise<void> {
  for (const agent of agents) await tmux("capture-pane", "-p", "-t", `=${agent}:`);
}

/** Successful execve(2) calls below the command, its own start not counted. */
async function countExecs(argv: string[], env: Readonly<Record<string, string>>): Promise<number> {
  const trace = ["strace", "-f", "-qq", "-e", "trace=execve", "-e", "status=successful"];
  const log = `${env.HOME}/execve.log`;
  await outputOf([...trace, "-o", log, ...argv], { env });
  return (
    (await Bun.file(log).text()).split("\n").filter((line) => line.includes("execve(")).length - 1
  );
}
