// The signals that ask us to end.

const names = ["SIGINT", "SIGTERM", "SIGHUP"] as const satisfies NodeJS.Signals[];

let waiters: ((signal: NodeJS.Signals) => void)[] = [];
let missed: NodeJS.Signals | undefined;
let isListening = false;

/** Longer than any run: what keeps the event loop alive, as a signal handler does not. */
const foreverMs = 2 ** 31 - 1;

/**
 * Resolves with the name of the next SIGINT, SIGTERM or SIGHUP. From the first call on these no longer end the
 * process; one that comes while nobody waits is kept for the next call, so a second Ctrl-C is not lost.
 */
export function untilSignal(): Promise<NodeJS.Signals> {
  listen();
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

function listen(): void {
  if (isListening) return;
  isListening = true;
  for (const name of names) {
    process.on(name, () => {
      if (waiters.length === 0) missed = name;
      const told = waiters;
      waiters = [];
      for (const tell of told) tell(name);
    });
  }
}
