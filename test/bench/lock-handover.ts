// The two things that happen to a lock that others wait for: it is released, and its holder is killed.
import { chanceOf } from "./chance.ts";
import { type Peer, peerCommand, type PeerTask, stamp, stampsIn } from "./lock-peer.ts";
import { median, printTable, quantile } from "./measure.ts";

export type Site = Pick<PeerTask, "file" | "fifo"> & { env: Readonly<Record<string, string>> };

const peers: readonly Peer[] = ["flock(1)", "proper-lockfile", "mosaic"];

const handover = { processes: 8, rounds: 60, holdMs: 5, thinkMs: 20 };

/**
 * Prints how long after one holder began to release the next one had it. Nobody takes it again at once, so that at least
 * four wait at any time; the time in which not all of them run yet, or any more, does not count.
 */
export async function printHandover(site: Site): Promise<void> {
  const { processes, rounds, holdMs, thinkMs } = handover;
  const samples = new Map<Peer, number[]>();
  for (const peer of peers) {
    const task: PeerTask = { peer, ...site, task: "rounds", rounds, holdMs, thinkMs };
    const all = await Promise.all(Array.from({ length: processes }, () => stampsOf(task, site)));
    samples.set(peer, handovers(all));
  }
  printSamples(`hand-over among ${processes} processes, ${holdMs} ms held`, samples);
}

/** Prints how long after the SIGKILL of the holder somebody who waited had it. */
export async function printTakeover(site: Site, rounds: number): Promise<void> {
  const samples = new Map<Peer, number[]>(peers.map((peer) => [peer, []]));
  for (let round = 0; round < rounds; round++) {
    for (const peer of peers) samples.get(peer)?.push(await takeoverMs({ peer, site, round }));
  }
  printSamples("take-over after kill -9 of the holder (proper-lockfile: stale 2 s)", samples);
}

async function takeoverMs(options: { peer: Peer; site: Site; round: number }): Promise<number> {
  const { peer, site, round } = options;
  const task = { peer, ...site, rounds: 0, holdMs: 0, thinkMs: 0 };
  const holder = start({ ...task, task: "hold" }, site);
  await holder.line();
  const waiter = start({ ...task, task: "wait" }, site);
  await waiter.line();
  // Long enough for whoever looks again and again to look as rarely as it ever does.
  await Bun.sleep(chanceOf(round).between(500, 1000));
  const killedAt = stamp();
  holder.child.kill("SIGKILL");
  const [tookAt = 0] = stampsIn(await waiter.line());
  await Promise.all([holder.child.exited, waiter.child.exited]);
  return tookAt - killedAt;
}

function start(task: PeerTask, { env }: Site) {
  const child = Bun.spawn(peerCommand(task), {
    env: { ...env },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const lines = linesOf(child.stdout);
  return {
    child,
    async line(): Promise<string> {
      const { value } = await lines.next();
      if (value === undefined) throw new Error(`${task.peer} ended without a word`);
      return value;
    },
  };
}

async function* linesOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<string, undefined> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of stream) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
  }
  return undefined;
}

async function stampsOf(task: PeerTask, { env }: Site): Promise<number[][]> {
  const child = Bun.spawn(peerCommand(task), {
    env: { ...env },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const text = await child.stdout.text();
  if ((await child.exited) !== 0) throw new Error(`${task.peer} failed`);
  return text.trim().split("\n").map(stampsIn);
}

/** Of each process the pairs of when it took and when it released: from each release to the next taking. */
function handovers(all: readonly number[][][]): number[] {
  const from = Math.max(...all.map((pairs) => pairs[0]?.[0] ?? 0));
  const to = Math.min(...all.map((pairs) => pairs.at(-1)?.[0] ?? 0));
  const turns = all.flat().toSorted(([a = 0], [b = 0]) => a - b);
  return turns.flatMap(([took = 0], index) => {
    const released = turns[index - 1]?.[1];
    return released === undefined || took < from || took > to ? [] : [took - released];
  });
}

function printSamples(title: string, samples: ReadonlyMap<Peer, readonly number[]>): void {
  const medianOf = (peer: Peer): number =>
    median((samples.get(peer) ?? []).toSorted((a, b) => a - b));
  const rows = [...samples].map(([peer, list]) => {
    const sorted = list.toSorted((a, b) => a - b);
    const figures = [median(sorted), quantile(sorted, 0.99)].map((ms) => `${ms.toFixed(2)} ms`);
    const ratios = peers.slice(0, 2).map((base) => (median(sorted) / medianOf(base)).toFixed(2));
    return [peer, ...figures, ...ratios.map((ratio) => `${ratio}x`), String(list.length)];
  });
  const head = ["", "median", "p99", "of flock(1)", "of proper-lockfile", "samples"];
  printTable(title, [head, ...rows]);
}
