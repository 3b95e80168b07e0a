// Start of 50 agents of runtime `command` (cat) on the builtin supervisor, beside a shell loop of 50 raw
// `tmux new-session`; then the resident memory that supervision adds per agent.
// Run: npm run build && bun run test/bench/start.ts
import { readFileSync } from "node:fs";
import { argvOf, allPids, environmentOf } from "../support/processes.ts";
import { runCommand } from "../support/run-command.ts";
import { type BenchFleet, benchFleet } from "./bench-fleet.ts";
import { median, medianOf, printGoal, printTable, printTimings, type Timing } from "./measure.ts";

const count = 50;
const rounds = 5;

const raw: number[] = [];
const ours: number[] = [];
for (let round = 0; round < rounds; round++) {
  await using fleet = await benchFleet(count, "builtin");
  raw.push(await rawLoop(fleet));
  const startedAt = performance.now();
  await fleet.mosaic("fleet", "start");
  ours.push(performance.now() - startedAt);
  if (round === rounds - 1) reportMemory(fleet);
}
const timings = [timing("raw tmux loop", raw), timing("fleet start", ours)];
printTimings(`start of ${count} agents, ${rounds} runs`, timings, "raw tmux loop");
printGoal(
  "start of 50 within 1.3x of the raw loop",
  medianOf(timings, "fleet start") <= 1.3 * medianOf(timings, "raw tmux loop"),
);

/** Milliseconds that a server and 50 sessions take when a shell makes them one after the other. */
async function rawLoop({ env }: BenchFleet): Promise<number> {
  const tmux = "tmux -L raw -f /dev/null";
  const loop = `i=0; while [ $i -lt ${count} ]; do ${tmux} new-session -d -s raw-$i -x 200 -y 50 cat; i=$((i+1)); done`;
  const startedAt = performance.now();
  await runCommand(["sh", "-c", loop], { env });
  const tookMs = performance.now() - startedAt;
  await runCommand(["tmux", "-L", "raw", "kill-server"], { env });
  return tookMs;
}

function timing(name: string, samples: readonly number[]): Timing {
  const sorted = samples.toSorted((a, b) => a - b);
  return { name, medianMs: median(sorted), minMs: sorted[0] ?? 0 };
}

/** What belongs to supervision: our scripts, one set per agent, and the supervisor; not tmux and not the agents. */
function reportMemory({ env }: BenchFleet): void {
  const pids = allPids().filter((pid) => environmentOf(pid).includes(`HOME=${env.HOME}`));
  const scripts = pids.filter((pid) => isScript(argvOf(pid)));
  const supervisors = pids.filter((pid) => argvOf(pid)[0]?.endsWith("/mosaic"));
  const rows = [
    ["scripts, per agent", ...memoryRow(scripts, count)],
    ["the supervisor", ...memoryRow(supervisors, 1)],
    ["both, per agent", ...memoryRow([...scripts, ...supervisors], count)],
  ];
  printTable(`memory of supervision, ${count} agents`, [["", "processes", "RSS", "PSS"], ...rows]);
  const perAgentKb = sum([...scripts, ...supervisors], "Rss") / count;
  printGoal("at most 6 MB resident per agent", perAgentKb <= 6 * 1024);
}

function isScript(argv: readonly string[]): boolean {
  return /(start-agent-session|agent-pane)\.sh/.test(argv.join(" "));
}

function memoryRow(pids: readonly number[], divisor: number): string[] {
  const cell = (field: "Rss" | "Pss") => `${(sum(pids, field) / divisor / 1024).toFixed(2)} MB`;
  return [(pids.length / divisor).toFixed(1), cell("Rss"), cell("Pss")];
}

/** Kibibytes over processes, from smaps_rollup (proc(5)). */
function sum(pids: readonly number[], field: "Rss" | "Pss"): number {
  const all = pids.map((pid) => {
    const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, "utf8");
    return Number(rollup.match(new RegExp(`^${field}: +(\\d+) kB`, "m"))?.[1] ?? 0);
  });
  return all.reduce((total, kb) => total + kb, 0);
}
