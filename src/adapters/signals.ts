// The signals that ask us to end, and others that a command wants to hear of.

const endings = ["SIGINT", "SIGTERM", "SIGHUP"] as const satisfies NodeJS.Signals[];

let waiters: ((signal: NodeJS.Signals) => void)[] = [];
let missed: NodeJS.Signals | undefined;
const heard = new Set<NodeJS.Signals>();

/** Longer than any run: what keeps the event loop alive, as a signal handler does not. */
const foreverMs = 2 ** 31 - 1;

/**
 * Resolves with the name of the next SIGINT, SIGTERM, SIGHUP, or of one of these others. From the first call on these no longer end the
 * process; one that comes while nobody waits is kept for the next call, so a second Ctrl-C is not lost.
 */
export function untilSignal(others: readonly NodeJS.Signals[] = []): Promise<NodeJS.Signals> {
  for (const name of [...endings, ...others]) listen(name);
  if (missed !== undefined) {
    const signal = missed;
    missed = undefined;
    return Promise.resolve(signal);
  }
  const { promise, resolve } = Promise.withResolvers<NodeJS.Signals>();
  const alive = setInterval(() => {}, foreverMs);
  waiters.push((signal) => {
    clearInterval(alive);
    resolve(signal);
  });
  return promise;
}

function listen(name: NodeJS.Signals): void {
  if (heard.has(name)) return;
  heard.add(name);
  process.on(name, () => {
    if (waiters.length === 0) missed = name;
    const told = waiters;
    waiters = [];
    for (const tell of told) tell(name);
  });
}
