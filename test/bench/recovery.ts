// What comes back after kill -9, and after how long, with the roster's default restart policy (a pause of 1 s before
// the first restart after a crash). The raw baseline is a tmux session that nobody supervises: it never comes back.
// Run: npm run build && bun run test/bench/recovery.ts
import { readFileSync } from "node:fs";
import { eventually } from "../support/eventually.ts";
import { runCommand } from "../support/run-command.ts";
import { type BenchFleet, benchFleet, type BenchSupervisor } from "./bench-fleet.ts";
import { median, printTable } from "./measure.ts";

const rounds = 5;

interface Pane {
  name: string;
  pid: number;
}

type Victim = (fleet: BenchFleet) => Promise<number>;

const victims: Record<string, Victim> = {
  "an agent's runtime": async (fleet) => childOf((await panes(fleet))[0]?.pid ?? 0),
  "the tmux server": async (fleet) =>
    Number((await fleet.tmux("display-message", "-p", "#{pid}")).stdout),
  "the supervisor": supervisorPid,
};

for (const supervisor of ["systemd", "builtin"] as const) await report(supervisor);

async function report(supervisor: BenchSupervisor): Promise<void> {
  await using fleet = await benchFleet(3, supervisor);
  await fleet.mosaic("fleet", "start");
  const rows: string[][] = [];
  for (const [what, victim] of Object.entries(victims)) {
    const samples: number[] = [];
    let kept = 0;
    for (let round = 0; round < rounds; round++) {
      const before = await panes(fleet);
      const pid = await victim(fleet);
      const startedAt = performance.now();
      process.kill(pid, "SIGKILL");
      // A builtin supervisor has nobody above it here; a container's restart policy or a person starts it again.
      if (what === "the supervisor" && supervisor === "builtin")
        await fleet.mosaic("fleet", "start");
      await eventually(async () => (await isVerified(fleet)) && !isAlive(pid), {
        what: `the fleet to be back after the end of ${what}`,
        timeoutMs: 60_000,
      });
      samples.push((performance.now() - startedAt) / 1000);
      const after = await panes(fleet);
      kept += before.filter(({ pid: old }) => after.some((pane) => pane.pid === old)).length;
      // A clean sheet: the pause doubles with each crash in the window.
      await fleet.mosaic("fleet", "restart");
    }
    const sorted = samples.toSorted((a, b) => a - b);
    rows.push([
      what,
      `${median(sorted).toFixed(2)} s`,
      `${sorted.at(-1)?.toFixed(2)} s`,
      `${kept} of ${3 * rounds}`,
    ]);
  }
  printTable(`kill -9 under ${supervisor}: whole fleet verified again, ${rounds} rounds`, [
    ["killed", "median", "worst", "agents that kept their pid"],
    ...rows,
  ]);
}

async function panes(fleet: BenchFleet): Promise<Pane[]> {
  const listed = await fleet.tmux("list-panes", "-a", "-F", "#{session_name} #{pane_pid}");
  return listed.stdout
    .split("\n")
    .map((line) => line.split(" "))
    .flatMap(([name = "", pid]) => (name.startsWith("bench-") ? [{ name, pid: Number(pid) }] : []));
}

function childOf(pid: number): number {
  return Number(readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").split(" ")[0]);
}

async function supervisorPid(fleet: BenchFleet): Promise<number> {
  const { stdout } = await runCommand(
    ["systemctl", "--user", "show", "-P", "MainPID", "mosaic-agent@bench-0"],
    { env: fleet.env },
  );
  const unitPid = Number(stdout);
  if (unitPid > 0) return unitPid;
  const contact = `${fleet.env.HOME}/.local/state/mosaic/fleet-mosaic-bench.json`;
  return Number(JSON.parse(readFileSync(contact, "utf8")).pid);
}

async function isVerified(fleet: BenchFleet): Promise<boolean> {
  const done = await runCommand([fleet.binary, "fleet", "verify"], { env: fleet.env });
  return done.exitCode === 0;
}

function isAlive(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.startsWith("Z") === false;
  } catch {
    // Gone.
    return false;
  }
}
