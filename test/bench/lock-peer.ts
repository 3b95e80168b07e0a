// One process of lock.ts that takes a lock: ours, proper-lockfile's, or the kernel's through flock(1) in a bash loop, whose
// pauses are `read -t` on a FIFO that nobody writes to, because a `sleep` would be one more process. Prints epoch
// milliseconds with microseconds, which the processes of one host share. argv: a PeerTask as JSON.
import { writeSync } from "node:fs";
import { lock, type LockOptions } from "proper-lockfile";
import { createContext } from "../../src/adapters/system.ts";
import { acquireLock } from "../../src/lock/restart-lock.ts";

export type Peer = "mosaic" | "proper-lockfile" | "flock(1)";

export interface PeerTask {
  peer: Peer;
  /** What is locked; of ours the name counts. It is there. */
  file: string;
  /** A FIFO, for bash. */
  fifo: string;
  /**
   * `rounds`: a line `TOOK RELEASED` for each round. `hold`: a line when it has it, and keeps it. `wait`: a line when it
   * begins to wait, and one with the moment at which it got it.
   */
  task: "rounds" | "hold" | "wait";
  rounds: number;
  holdMs: number;
  thinkMs: number;
}

/** The usual way to wait with proper-lockfile, and the least that its `stale` may be. */
const properOptions: LockOptions = {
  stale: 2000,
  update: 1000,
  retries: { retries: 1000, minTimeout: 5, maxTimeout: 50, factor: 1.3, randomize: true },
};

const loop = `
file=$1 task=$2 rounds=$3 hold=$4 think=$5
exec 8<>"$6" 9>>"$file"
pause() { read -r -t "$1" -u 8 || :; }
case $task in
hold) flock 9; echo held; while :; do pause 60; done ;;
wait) echo waiting; flock 9; took=$EPOCHREALTIME; echo "$took" ;;
rounds)
  while ((rounds-- > 0)); do
    exec 9>>"$file"
    flock 9
    took=$EPOCHREALTIME
    pause "$hold"
    released=$EPOCHREALTIME
    exec 9>&-
    echo "$took $released"
    pause "$think"
  done ;;
esac`;

/** argv of a process that does it. */
export function peerCommand(options: PeerTask): string[] {
  const { peer, file, fifo, task, rounds, holdMs, thinkMs } = options;
  if (peer !== "flock(1)") {
    return [process.execPath, `${import.meta.dir}/lock-peer.ts`, JSON.stringify(options)];
  }
  const seconds = [holdMs, thinkMs].map((ms) => String(ms / 1000));
  return ["bash", "-c", loop, "peer", file, task, String(rounds), ...seconds, fifo];
}

/** Now, as in the lines that are printed: epoch milliseconds. */
export function stamp(): number {
  return performance.timeOrigin + performance.now();
}

/** The stamps of a line. */
export function stampsIn(line: string): number[] {
  // bash gives seconds with six decimals.
  return line.split(" ").map((text) => (/^\d{10}\.\d+$/.test(text) ? 1000 : 1) * Number(text));
}

if (import.meta.main) await run(JSON.parse(process.argv[2] ?? ""));

async function run({ peer, file, task, rounds, holdMs, thinkMs }: PeerTask): Promise<void> {
  const ctx = createContext();
  const take = async (): Promise<() => Promise<unknown>> => {
    if (peer === "proper-lockfile") {
      if (task === "wait") say("waiting");
      return await lock(file, properOptions);
    }
    const told = task === "wait" ? { waiting: () => say("waiting") } : {};
    const held = await acquireLock(ctx, "bench", { purpose: "bench", ...told });
    return () => held.release();
  };
  if (task !== "rounds") {
    const release = await take();
    const took = stamp();
    say(task === "hold" ? "held" : String(took));
    if (task === "hold") await Bun.sleep(600_000);
    await release();
    return;
  }
  for (let left = rounds; left > 0; left--) {
    const release = await take();
    const took = stamp();
    await Bun.sleep(holdMs);
    const released = stamp();
    await release();
    say(`${took} ${released}`);
    await Bun.sleep(thinkMs);
  }
}

function say(line: string): void {
  writeSync(1, `${line}\n`);
}
