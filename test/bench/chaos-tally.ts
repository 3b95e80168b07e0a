// What the breakers of lock-chaos.ts tell, added up while they tell it, and whether they still get anywhere.
import { closeSync, openSync, readSync } from "node:fs";

/** Nobody has taken the lock for as long: at least one of eight gets it within a few seconds, whatever befalls the rest. */
const allHangMs = 20_000;

/** One breaker has waited for the lock for as long, and was not stopped meanwhile. */
const oneHangsMs = 60_000;

export interface Tally extends Disposable {
  /** Reads on, and looks for hangs. */
  read(): void;
  /** Of lines that begin with these words. */
  count(words: string): number;
  add(event: string): void;
  /** Lines for people: each double holder, hang and error, the first ones. */
  readonly faults: readonly string[];
  /** A breaker is stopped or runs on, and has waited for nothing before now. */
  stopped(pid: number): void;
  /** A breaker has ended: nothing of it can come any more. */
  ended(pid: number): void;
}

/** How many faults are told of in full. */
const maxFaults = 20;

/** Over the file of events, which is there. */
export function tallyOf(file: string): Tally {
  const fd = openSync(file, "r");
  const buffer = Buffer.alloc(1024 ** 2);
  const counts = new Map<string, number>();
  const faults: string[] = [];
  const waitingSince = new Map<number, number>();
  const everStopped = new Set<number>();
  let rest = "";
  let tookAt = performance.now();

  const add = (event: string): void => {
    const words = event.split(" ");
    // "double mutex …" counts as "double" and "double mutex" also.
    for (let length = 1; length <= Math.min(words.length, 2); length++) {
      const key = words.slice(0, length).join(" ");
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    const [kind = "", what] = words;
    if (kind === "mutexes") counts.set("mutex", (counts.get("mutex") ?? 0) + Number(what));
    if (kind === "double") {
      // The word after the number of a process is the moment of its start.
      const hasStopped = words.some((word) => everStopped.has(Number(word.split("-")[0])));
      if (!hasStopped) add(`raced ${what}`);
    }
    if (kind === "want") waitingSince.set(Number(what), performance.now());
    if (kind === "had") waitingSince.delete(Number(what));
    if (kind === "took") tookAt = performance.now();
    const isFault = kind === "double" || kind === "error" || kind === "hang";
    if (isFault && faults.length < maxFaults && !faults.includes(event)) faults.push(event);
  };

  const lookForHangs = (): void => {
    const now = performance.now();
    if (now - tookAt > allHangMs) {
      add(`hang nobody got the lock for ${allHangMs} ms`);
      tookAt = now;
    }
    for (const [pid, since] of waitingSince) {
      if (now - since <= oneHangsMs) continue;
      add(`hang process ${pid} has waited for ${oneHangsMs} ms`);
      waitingSince.set(pid, now);
    }
  };

  const read = (): void => {
    for (;;) {
      const length = readSync(fd, buffer, 0, buffer.length, null);
      if (length === 0) return;
      const lines = (rest + buffer.toString("utf8", 0, length)).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) add(line);
    }
  };

  return {
    read() {
      read();
      lookForHangs();
    },
    count: (words) => counts.get(words) ?? 0,
    add,
    faults,
    stopped(pid) {
      everStopped.add(pid);
      if (waitingSince.has(pid)) waitingSince.set(pid, performance.now());
    },
    ended(pid) {
      read();
      waitingSince.delete(pid);
    },
    [Symbol.dispose]: () => closeSync(fd),
  };
}
